package import KubernetesModel

extension CustomResource {
    /// The WorkloadGroup kind.
    package static let workloadGroup = istio(
        "WorkloadGroup", plural: "workloadgroups", group: "networking.istio.io", shortNames: ["wg"],
        versions: ["v1", "v1alpha3", "v1beta1"],
        columns: [.age],
        isSpecRequired: true,
        description: "What workloads outside of Kubernetes have in common, as a Deployment is for Pods. Each workload "
            + "that connects gets a WorkloadEntry made from it.",
        spec: .workloadGroupSpec)
}

extension Schema {
    /// `spec` of a WorkloadGroup.
    package static let workloadGroupSpec = object(
        [
            Field("metadata", workloadMetadata, "Labels and annotations of the WorkloadEntries."),
            Field("template", workloadTemplate, "The WorkloadEntries themselves.", required: true),
            Field("probe", workloadProbe, "When a workload counts as ready. None: always."),
        ], unknown: .dropped
    ).described("The WorkloadEntries that are made, and how their workloads are probed.")

    private static let workloadMetadata = object(
        [
            Field("labels", stringMap.properties(0...256), "Labels of the entries."),
            Field("annotations", stringMap.properties(0...256), "Annotations of the entries."),
        ], unknown: .dropped)

    private static let workloadProbe = object(workloadProbeTimes + workloadProbeKinds, unknown: .dropped)
        .atMostOne(of: "httpGet", "tcpSocket", "exec", "grpc")

    private static let workloadProbeTimes: [Field] = [
        Field("initialDelaySeconds", int32Count, "Seconds from the start to the first probe."),
        Field("timeoutSeconds", int32Count, "Seconds until a probe counts as failed. Default: 1."),
        Field("periodSeconds", int32Count, "Seconds between probes. Default: 10."),
        Field("successThreshold", int32Count, "Successes in a row until it counts as ready. Default: 1."),
        Field("failureThreshold", int32Count, "Failures in a row until it counts as not ready. Default: 3."),
    ]

    private static let workloadProbeKinds: [Field] = [
        Field("httpGet", httpProbe, "Ask over HTTP; a status from 200 to 399 is success."),
        Field("tcpSocket", tcpProbe, "Open a connection."),
        Field("exec", commandProbe, "Run a command; exit code 0 is success."),
        Field("grpc", grpcProbe, "Ask the gRPC health service."),
    ]

    private static let httpProbe = object(
        [
            Field("path", string, "Path of the request."),
            Field("port", checkedPort, "Port to connect to.", required: true),
            Field("host", string, "Host to connect to. Default: the workload's own address."),
            Field("scheme", probeScheme, "HTTP or HTTPS. Default: HTTP."),
            Field("httpHeaders", list(probeHeader), "Headers of the request."),
        ], unknown: .dropped)

    private static let probeScheme = text(TextRule("HTTP or HTTPS") { ["", "HTTP", "HTTPS"].contains($0) })
        .rules(SchemaRule(#"self in ["", "HTTP", "HTTPS"]"#, "must be HTTP or HTTPS"))

    private static let probeHeader = object(
        [
            Field("name", text(.headerName), "Name of the header."),
            Field("value", string, "Its value."),
        ], unknown: .dropped)

    private static let tcpProbe = object(
        [
            Field("host", string, "Host to connect to. Default: the workload's own address."),
            Field("port", checkedPort, "Port to connect to.", required: true),
        ], unknown: .dropped)

    private static let commandProbe = object(
        [Field("command", list(string.length(1...Int.max)), "The program and its arguments.", required: true)],
        unknown: .dropped)

    private static let grpcProbe = object(
        [
            Field("port", checkedPort, "Port to connect to."),
            Field("service", string, "The service that is asked about. Default: the server as a whole."),
        ], unknown: .dropped)
}
