package import KubernetesModel

extension CustomResource {
    /// The ServiceEntry kind.
    package static let serviceEntry = istio(
        "ServiceEntry", plural: "serviceentries", group: "networking.istio.io", shortNames: ["se"],
        versions: ["v1", "v1alpha3", "v1beta1"],
        columns: [
            Column("Hosts", path: ".spec.hosts", "Names of the service."),
            Column("Location", path: ".spec.location", "Whether it is inside of the mesh or outside."),
            Column("Resolution", path: ".spec.resolution", "How its addresses are found."),
            .age,
        ],
        isSpecRequired: true,
        description: "A service that Kubernetes knows nothing of, outside of the mesh or on virtual machines, made "
            + "known to the mesh.",
        spec: .serviceEntrySpec)
}

extension Schema {
    /// `spec` of a ServiceEntry.
    package static let serviceEntrySpec = object(serviceEntryNames + serviceEntryEndpoints, unknown: .dropped)
        .rules(endpointsOrSelector, rangesNeedAddresses, endpointsNeedResolution, oneRoundRobinName)
        .described("What the service is called, and where it is.")

    private static let serviceEntryNames: [Field] = [
        Field(
            "hosts", list(serviceEntryHost).items(1...256),
            "DNS names of the service, which requests ask for; a name may begin with *.", required: true),
        Field(
            "addresses", list(string.length(0...64)).items(0...256),
            "Virtual addresses of the service, or CIDR ranges with resolution NONE or STATIC. None: TCP ports take "
                + "traffic to any address."),
        Field(
            "ports",
            list(serviceEntryPort).items(0...256).keyed(by: "name").rules(
                SchemaRule(
                    "self.all(l1, self.exists_one(l2, l1.number == l2.number))", "two ports cannot have one number")),
            "Ports of the service."),
        Field(
            "location", oneOf("MESH_EXTERNAL", "MESH_INTERNAL"),
            "MESH_EXTERNAL: outside, without mutual TLS. MESH_INTERNAL: part of the mesh. Default: MESH_EXTERNAL."),
        Field(
            "exportTo", strings,
            "Namespaces that see the service: names, \".\" for its own, \"*\" for all. Default: all."),
        Field(
            "subjectAltNames", strings,
            "Names one of which the server's certificate must hold, where the sidecar opens TLS."),
    ]

    private static let serviceEntryEndpoints: [Field] = [
        Field(
            "resolution", oneOf("NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"),
            "How proxies find where to connect. NONE: to the address asked for. STATIC: to the endpoints. DNS: to all "
                + "addresses of the names. DNS_ROUND_ROBIN: to the first address. DYNAMIC_DNS: to the host of each "
                + "request, for wildcards. Default: NONE."),
        Field(
            "endpoints", list(workloadEndpoint).items(0...4096),
            "Where the service is. None with DNS: the hosts are resolved themselves."),
        Field(
            "workloadSelector", workloadSelector,
            "The Pods and WorkloadEntries of its namespace that are its endpoints, instead of endpoints. For services "
                + "with location MESH_INTERNAL."),
    ]

    private static let serviceEntryHost = text(
        TextRule("a DNS name, which may begin with *. (but not * alone)") { $0 != "*" }
    )
    .rules(SchemaRule(#"self != "*""#, "* alone is no host; name the domain, as in *.example.com"))

    private static let serviceEntryPort = object(
        [
            Field("name", string.length(0...256), "Name of the port.", required: true),
            Field("number", checkedPort, "Port that clients ask for.", required: true),
            Field(
                "protocol", string.length(0...256),
                "HTTP, HTTPS, GRPC, HTTP2, MONGO, TCP or TLS. Default: found out from the name, else from the "
                    + "traffic."),
            Field("targetPort", checkedPort, "Port of the endpoints. Default: the same number."),
        ], unknown: .dropped)

    private static let endpointsOrSelector = SchemaRule(
        "(has(self.workloadSelector) ? 1 : 0) + (has(self.endpoints) ? 1 : 0) <= 1",
        "set at most one of workloadSelector and endpoints")

    private static let rangesNeedAddresses = SchemaRule(
        #"!((has(self.addresses) ? self.addresses : []).exists(k, k.contains("/")) && "#
            + #"!((has(self.resolution) ? self.resolution : "NONE") in ["STATIC", "NONE"]))"#,
        "addresses can be CIDR ranges with resolution NONE or STATIC only")

    private static let endpointsNeedResolution = SchemaRule(
        #"((has(self.resolution) ? self.resolution : "NONE") == "NONE") ? !has(self.endpoints) : true"#,
        "with resolution NONE, the default, there cannot be endpoints; set resolution to STATIC or DNS")

    private static let oneRoundRobinName = SchemaRule(
        #"((has(self.resolution) ? self.resolution : "") == "DNS_ROUND_ROBIN") ? "#
            + "((has(self.endpoints) ? self.endpoints : []).size() <= 1) : true",
        "with resolution DNS_ROUND_ROBIN there can be one endpoint only")
}
