package import KubernetesModel

extension CustomResource {
    /// The Gateway kind of Istio.
    package static let gateway = istio(
        "Gateway", plural: "gateways", group: "networking.istio.io", shortNames: ["gw"],
        versions: ["v1", "v1alpha3", "v1beta1"],
        description: "Ports at the edge of the mesh: hosts, protocols and TLS of what gateway workloads take in.",
        spec: .gatewaySpec)
}

extension Schema {
    /// `spec` of a Gateway.
    package static let gatewaySpec = object(
        [
            Field(
                "selector", stringMap,
                "Labels of the gateway Pods that open the ports, such as istio: ingressgateway."),
            Field("servers", list(gatewayServer), "The ports, and what they take."),
        ], unknown: .dropped
    ).described("Ports at the edge of the mesh.")

    private static let gatewayServer = object(
        [
            Field("name", string, "Name of the server, for metrics; different from all others."),
            Field("port", serverPort, "The port that is opened.", required: true),
            Field("bind", string, "Address or Unix socket to listen on. Default: all addresses."),
            Field(
                "hosts", strings,
                "Hosts that are served: names, *.example.com or *; namespace/host for those of one namespace's routes.",
                required: true),
            Field("tls", serverTLS, "TLS of the connections that come in."),
            Field("defaultEndpoint", string, "Local address that connections go to; not in use."),
        ], unknown: .dropped)

    private static let serverPort = object(
        [
            Field("number", uint32, "Number of the port.", required: true),
            Field(
                "protocol", string, "HTTP, HTTPS, GRPC, GRPC-WEB, HTTP2, MONGO, TCP or TLS.", required: true),
            Field("name", string, "Name of the port.", required: true),
            Field("targetPort", uint32, "Former way to name the Pods' port; not in use."),
        ], unknown: .dropped)
}
