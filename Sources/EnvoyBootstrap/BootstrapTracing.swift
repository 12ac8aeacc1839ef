import KubernetesModel

/// The tracer that ProxyConfig names, for connection managers that are not told another.
func tracer(of settings: ProxySettings) -> JSONValue? {
    let tracing = settings.fields["tracing"]
    if tracing?["zipkin"]?["address"]?.string != nil || settings.text("zipkinAddress") != nil {
        return [
            "name": "envoy.tracers.zipkin",
            "typed_config": [
                "@type": "type.googleapis.com/envoy.config.trace.v3.ZipkinConfig", "collector_cluster": "zipkin",
                "collector_endpoint": "/api/v2/spans", "collector_endpoint_version": "HTTP_JSON",
                "trace_id_128bit": true, "shared_span_context": false,
            ],
        ]
    }
    if tracing?["datadog"]?["address"]?.string != nil {
        return [
            "name": "envoy.tracers.datadog",
            "typed_config": [
                "@type": "type.googleapis.com/envoy.config.trace.v3.DatadogConfig",
                "collector_cluster": "datadog_agent",
            ],
        ]
    }
    return .none
}

/// Where the tracer sends spans to: the name of the cluster, and the address.
func tracerAddress(of settings: ProxySettings) -> (name: String, address: String)? {
    let tracing = settings.fields["tracing"]
    if let address = tracing?["zipkin"]?["address"]?.string ?? settings.text("zipkinAddress") {
        return ("zipkin", address)
    }
    if let address = tracing?["datadog"]?["address"]?.string { return ("datadog_agent", address) }
    return nil
}
