internal import KubernetesModel

extension Schema {
    /// An element of `metrics` of a Telemetry.
    static let telemetryMetrics = object(
        [
            Field("providers", telemetryProviders, "Where metrics go. Default: where the mesh's go."),
            Field(
                "overrides", list(metricOverride),
                "Changes to metrics, made in this order; for one metric and side the last wins."),
            Field(
                "reportingInterval", duration,
                "How often open TCP connections are reported, such as 10s. Default: 5s."),
        ], unknown: .dropped)

    private static let metricOverride = object(
        [
            Field("match", metricMatch, "Which metrics. None: all, on both sides."),
            Field("disabled", boolean.nullable, "Whether they are not reported. Default: false."),
            Field("tagOverrides", map(metricTag), "Changes to their labels, by name of the label."),
        ], unknown: .dropped)

    private static let metricMatch = object(
        [
            Field(
                "metric",
                oneOf(
                    "ALL_METRICS", "REQUEST_COUNT", "REQUEST_DURATION", "REQUEST_SIZE", "RESPONSE_SIZE",
                    "TCP_OPENED_CONNECTIONS", "TCP_CLOSED_CONNECTIONS", "TCP_SENT_BYTES", "TCP_RECEIVED_BYTES",
                    "GRPC_REQUEST_MESSAGES", "GRPC_RESPONSE_MESSAGES"), "A standard metric. Default: ALL_METRICS."),
            Field("customMetric", string.length(1...Int.max), "A metric of your own, by name."),
            Field("mode", telemetryMode, telemetryModeWords),
        ], unknown: .dropped
    ).atMostOne(of: "metric", "customMetric")

    private static let metricTag = object(
        [
            Field(
                "operation", oneOf("UPSERT", "REMOVE"),
                "UPSERT adds the label or changes its value, REMOVE takes it away. Default: UPSERT."),
            Field("value", string, "CEL expression of the value, such as request.host. For UPSERT only."),
        ], unknown: .dropped
    ).rules(
        SchemaRule(
            #"((has(self.operation) ? self.operation : "") == "UPSERT") ? (self.value != "") : true"#,
            "operation UPSERT needs a value"),
        SchemaRule(
            #"((has(self.operation) ? self.operation : "") == "REMOVE") ? !has(self.value) : true"#,
            "with operation REMOVE leave out value"))
}
