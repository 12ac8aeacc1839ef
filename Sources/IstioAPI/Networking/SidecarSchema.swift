package import KubernetesModel

extension CustomResource {
    /// The Sidecar kind.
    package static let sidecar = istio(
        "Sidecar", plural: "sidecars", group: "networking.istio.io", versions: ["v1", "v1alpha3", "v1beta1"],
        description: "What a namespace's sidecars know and take: services they can reach, ports they accept.",
        spec: .sidecarSpec)
}

extension Schema {
    /// `spec` of a Sidecar.
    package static let sidecarSpec = object(
        [
            Field("workloadSelector", workloadSelector, "Workloads it is for. Default: all of the namespace."),
            Field("ingress", list(sidecarIngress), "Ports that are taken in. Default: those of the services."),
            Field(
                "egress", list(sidecarEgress),
                "Services that can be reached; fewer make smaller configuration. Default: all that are visible."),
            Field("inboundConnectionPool", connectionPool, "Limits of what comes in, on all ports."),
            Field("outboundTrafficPolicy", outboundTrafficPolicy, "What happens to traffic for unknown hosts."),
        ], unknown: .dropped
    ).described("What sidecars know and take.")

    private static let sidecarIngress = object(
        [
            Field("port", sidecarPort, "The port.", required: true),
            Field("bind", string, "Address to listen on. Default: that of the Pod."),
            Field("captureMode", captureMode, "How traffic gets to the sidecar. Default: as the workload is set up."),
            Field(
                "defaultEndpoint", string,
                "Where the application listens: 127.0.0.1:port, 0.0.0.0:port or unix:///socket. Default: the port."),
            Field("tls", serverTLS, "TLS of connections from outside the mesh."),
            Field("connectionPool", connectionPool, "Limits of what comes in on this port."),
        ], unknown: .dropped)

    private static let sidecarEgress = object(
        [
            Field("port", sidecarPort, "The port, where it is listened to by itself. Default: the services' ports."),
            Field("bind", string, "Address or Unix socket to listen on."),
            Field("captureMode", captureMode, "How traffic gets to the sidecar, where bind is an address."),
            Field(
                "hosts", strings,
                "Services as namespace/host: . is this namespace, * is any, ~ is none; */*.example.com is possible.",
                required: true),
        ], unknown: .dropped)

    private static let sidecarPort = object(
        [
            Field("number", uint32, "Number of the port."),
            Field("protocol", string, "HTTP, HTTPS, GRPC, HTTP2, MONGO, TCP or TLS."),
            Field("name", string, "Name of the port."),
            Field("targetPort", uint32, "Former way to name the Pods' port; not in use."),
        ], unknown: .dropped)

    private static let captureMode = oneOf("DEFAULT", "IPTABLES", "NONE")

    private static let outboundTrafficPolicy = object(
        [
            Field(
                "mode", oneOf("REGISTRY_ONLY", "ALLOW_ANY"),
                "REGISTRY_ONLY refuses it, ALLOW_ANY passes it on. Default: as the mesh is configured."),
            Field("egressProxy", destination, "Gets such traffic instead of the hosts it is meant for."),
        ], unknown: .dropped)
}
