package import KubernetesModel

extension CustomResource {
    /// The VirtualService kind.
    package static let virtualService = istio(
        "VirtualService", plural: "virtualservices", group: "networking.istio.io", shortNames: ["vs"],
        versions: ["v1", "v1alpha3", "v1beta1"],
        columns: [
            Column("Gateways", path: ".spec.gateways", "Gateways that apply the routes; mesh stands for sidecars."),
            Column("Hosts", path: ".spec.hosts", "Hosts whose traffic the routes are about."),
            .age,
        ],
        description: "Where traffic for some hosts goes, and what happens to it on the way.",
        spec: .virtualServiceSpec)
}

extension Schema {
    /// `spec` of a VirtualService.
    package static let virtualServiceSpec = object(
        [
            Field(
                "hosts", strings,
                "Names that clients ask for: services, DNS names or addresses; *.example.com stands for all below it."),
            Field(
                "gateways", strings,
                "Gateways that apply the routes, as name or namespace/name; mesh stands for all sidecars. "
                    + "Default: mesh."),
            Field("http", list(httpRoute), "Routes of HTTP and gRPC requests; the first that matches counts."),
            Field(
                "tls", list(tlsRoute), "Routes of TLS connections passed on unopened; the first that matches counts."),
            Field("tcp", list(tcpRoute), "Routes of other TCP connections; the first that matches counts."),
            Field(
                "exportTo", strings,
                "Namespaces that see this object: . for its own, * for all. Default: as the mesh is configured."),
        ], unknown: .dropped
    ).described("Routes for some hosts.")

    private static let tlsRoute = object(
        [
            Field("match", list(tlsMatch), "The route is for connections that meet any of these.", required: true),
            Field("route", list(routedConnection), "Where connections go, by weight."),
        ], unknown: .dropped)

    private static let tcpRoute = object(
        [
            Field("match", list(tcpMatch), "The route is for connections that meet any of these. None: for all."),
            Field("route", list(routedConnection), "Where connections go, by weight."),
        ], unknown: .dropped)

    private static let routedConnection = object(
        [
            Field("destination", destination, "Where they go.", required: true),
            Field("weight", int32, "Share of the connections, relative to the sum of the weights."),
        ], unknown: .dropped)

    private static let tlsMatch = object(
        [
            Field("sniHosts", strings, "Server names in the TLS handshake, at least one of them.", required: true)
        ] + connectionMatch, unknown: .dropped)

    private static let tcpMatch = object(
        connectionMatch + [Field("sourceSubnet", string, "Address or range that the client must be in; not in use.")],
        unknown: .dropped)

    private static let connectionMatch: [Field] =
        [
            Field("destinationSubnets", strings, "Addresses or ranges (10.0.0.0/8) of the original destination."),
            Field("port", uint32, "Port that the client connects to."),
        ] + sourceMatch

    /// Conditions on who asks, alike for requests and connections.
    static let sourceMatch: [Field] = [
        Field("sourceLabels", stringMap, "Labels that the client's workload must have."),
        Field("sourceNamespace", string, "Namespace that the client must be in."),
        Field("gateways", strings, "Gateways that this condition is about, instead of the whole object's."),
    ]
}
