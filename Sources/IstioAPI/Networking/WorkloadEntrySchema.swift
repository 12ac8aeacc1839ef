package import KubernetesModel

extension CustomResource {
    /// The WorkloadEntry kind.
    package static let workloadEntry = istio(
        "WorkloadEntry", plural: "workloadentries", group: "networking.istio.io", shortNames: ["we"],
        versions: ["v1", "v1alpha3", "v1beta1"],
        columns: [
            .age,
            Column("Address", path: ".spec.address", "Where the workload is reached."),
        ],
        isSpecRequired: true,
        description: "A workload outside of Kubernetes, such as a virtual machine, that belongs to the mesh; "
            + "ServiceEntries select it by its labels.",
        spec: .workloadEntrySpec)
}

extension Schema {
    /// `spec` of a WorkloadEntry.
    package static let workloadEntrySpec = workloadEndpoint.described("Where the workload is, and what it is.")

    /// A workload that is reached somewhere: a WorkloadEntry, or an endpoint of a ServiceEntry.
    static let workloadEndpoint = object(workloadFields, unknown: .dropped).rules(
        SchemaRule("has(self.address) || has(self.network)", "set address, or network where a gateway leads to it"),
        socketWithoutPorts)

    /// What the workloads of a WorkloadGroup have in common, so that the address may be missing.
    static let workloadTemplate = object(workloadFields, unknown: .dropped).rules(socketWithoutPorts)

    private static let workloadFields: [Field] = [
        Field(
            "address", workloadAddress,
            "IP address without port; or a DNS name, where the resolution is DNS; or unix:// and the path of a socket."),
        Field(
            "ports", map(checkedPort).properties(0...128).rules(portNameKeys),
            "Port of the workload by name of the service's port. A name not listed: the service's targetPort, else "
                + "its number."),
        Field("labels", stringMap.properties(0...256), "Labels of the workload, which services and policies select."),
        Field(
            "network", string.length(0...2048),
            "The network it is in. Workloads of different networks reach each other through gateways only."),
        Field(
            "locality", string.length(0...2048),
            "Where it runs, as region/zone/subzone, for load balancing that prefers what is near."),
        Field("weight", uint32, "Its share of the traffic, relative to the other endpoints."),
        Field(
            "serviceAccount", string.length(0...253),
            "Name of the service account that it runs as, in the namespace of this object."),
    ]

    private static let workloadAddress = text(.workloadAddress).length(0...256).rules(
        SchemaRule(
            #"self.startsWith("unix://") ? (self.substring(7, 8) == "/" || self.substring(7, 8) == "@") : true"#,
            "unix:// is followed by an absolute path, or by @ and the name of an abstract socket"),
        SchemaRule(
            #"self.startsWith("unix://") ? !self.endsWith("/") : true"#,
            "a socket is no directory: the path must not end with /"))

    private static let socketWithoutPorts = SchemaRule(
        #"(has(self.address) ? self.address : "").startsWith("unix://") ? !has(self.ports) : true"#,
        "a socket has no ports: with a unix:// address leave out ports")

    private static let portNameKeys = SchemaRule(
        #"self.all(key, size(key) < 63 && key.matches("^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$"))"#,
        "each key must be the name of a port: at most 62 letters, digits and -, not - at either end")
}

extension TextRule {
    fileprivate static let workloadAddress = TextRule(
        "an IP address, a DNS name, or unix:// with the absolute path of a socket or @ and its abstract name"
    ) { text in
        guard text.hasPrefix("unix://") else { return true }
        let socket = text.dropFirst("unix://".count)
        return (socket.hasPrefix("/") || socket.hasPrefix("@")) && !socket.hasSuffix("/")
    }
}
