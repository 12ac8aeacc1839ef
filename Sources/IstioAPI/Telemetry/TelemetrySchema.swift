package import KubernetesModel

extension CustomResource {
    /// The Telemetry kind.
    package static let telemetry = istio(
        "Telemetry", plural: "telemetries", group: "telemetry.istio.io", shortNames: ["telemetry"],
        versions: ["v1", "v1alpha1"], stored: "v1alpha1", columns: [.age],
        description: "What proxies tell about their traffic: metrics, traces and access logs.",
        spec: .telemetrySpec)
}

extension Schema {
    /// `spec` of a Telemetry.
    package static let telemetrySpec = object(
        policyTargets + [
            Field("metrics", list(telemetryMetrics), "Which metrics go where, with which labels."),
            Field("tracing", list(telemetryTracing), "Which requests are traced, and where spans go."),
            Field("accessLogging", list(telemetryLogging), "What is written to which access log."),
        ], unknown: .dropped
    ).rules(.oneKindOfTarget).described("What is told about the traffic of which workloads.")

    /// Names of backends, as metrics, traces and access logs have them.
    static let telemetryProviders = list(
        object(
            [Field("name", string.length(1...Int.max), "Its name in meshConfig.extensionProviders.", required: true)],
            unknown: .dropped))

    /// Which side of a connection reports it.
    static let telemetryMode = oneOf("CLIENT_AND_SERVER", "CLIENT", "SERVER")

    private static let directionMatch = object(
        [Field("mode", telemetryMode, telemetryModeWords)], unknown: .dropped)

    /// The words for a field of this kind.
    static let telemetryModeWords =
        "CLIENT: traffic that the workload sends; SERVER: traffic that it receives. Default: CLIENT_AND_SERVER, both."

    private static let telemetryLogging = object(
        [
            Field("match", directionMatch, "Which traffic is meant."),
            Field("providers", telemetryProviders, "Where it is logged. Default: where the mesh logs."),
            Field("disabled", boolean.nullable, "Whether nothing is logged there. Default: false."),
            Field(
                "filter",
                object(
                    [
                        Field(
                            "expression", string,
                            "CEL expression of Envoy attributes, such as response.code >= 400.")
                    ], unknown: .dropped), "Which requests and connections are logged. None: all."),
        ], unknown: .dropped)

    private static let telemetryTracing = object(
        [
            Field("match", directionMatch, "Which traffic is meant."),
            Field("providers", telemetryProviders, "Where spans go; one at most. Default: where the mesh's go."),
            Field(
                "randomSamplingPercentage", nullablePercentage,
                "Percentage of requests that are traced where none before has decided, from 0 to 100. Default: the "
                    + "mesh's."),
            Field("disableSpanReporting", boolean.nullable, "Whether no spans are sent. Default: false."),
            Field(
                "disableContextPropagation", boolean.nullable,
                "Whether requests go on without headers of the trace. Default: false."),
            Field("customTags", map(telemetryTag), "Further tags of each span, by name."),
            Field("enableIstioTags", boolean.nullable, "Whether spans carry the tags of the mesh. Default: true."),
            Field(
                "useRequestIdForTraceSampling", boolean.nullable,
                "Whether X-Request-Id decides what is traced. Default: true."),
        ], unknown: .dropped)

    private static let telemetryTag = object(
        [
            Field("literal", tagValue, "The same text always."),
            Field("environment", tagVariable, "An environment variable of the proxy."),
            Field("header", tagHeader, "A header of the request."),
            Field("formatter", tagFormat, "A command of access log formats."),
        ], unknown: .dropped
    ).atMostOne(of: "literal", "environment", "header", "formatter")

    private static let tagText = string.length(1...Int.max)

    private static let tagValue = object(
        [Field("value", tagText, "The text.", required: true)], unknown: .dropped)

    private static let tagFormat = object(
        [Field("value", tagText, "The format, such as %REQ(:AUTHORITY)%.", required: true)], unknown: .dropped)

    private static let tagVariable = object(
        [
            Field("name", tagText, "Name of the variable.", required: true),
            Field("defaultValue", string, "The tag where there is no such variable."),
        ], unknown: .dropped)

    private static let tagHeader = object(
        [
            Field("name", tagText, "Name of the header.", required: true),
            Field("defaultValue", string, "The tag where there is no such header."),
        ], unknown: .dropped)
}
