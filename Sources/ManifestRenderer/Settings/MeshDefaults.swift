internal import InstallationValues
internal import KubernetesModel

/// The mesh configuration where `values.meshConfig` says nothing: what other values say in its terms.
func meshDefaults(for install: Install, meshID: String, reading values: inout ValuesReader) -> JSONValue {
    let tracing = tracer(values.text("global.proxy.tracer"), install, reading: &values)
    let proxy = fields([
        "discoveryAddress": .string(install.discoveryAddress),
        "image": install.variant.isEmpty ? .none : .some(["imageType": .string(install.variant)]),
        "meshId": JSONValue.string(meshID).nonEmpty,
        "tracing": tracing,
    ])
    return fields([
        "defaultConfig": proxy, "defaultProviders": defaultProviders(reading: &values),
        "enablePrometheusMerge": true, "rootNamespace": .string(install.namespace),
        "trustDomain": .string(install.trustDomain),
    ])
}

/// Who gets metrics and access logs where no Telemetry says so. Whoever names providers himself names all of them.
private func defaultProviders(reading values: inout ValuesReader) -> JSONValue? {
    let isReported = values.bool("telemetry.enabled") && values.bool("telemetry.v2.enabled")
    guard values.map("meshConfig.defaultProviders") == nil, isReported else { return Optional.none }
    let stackdriver: [JSONValue] = values.bool("telemetry.v2.stackdriver.enabled") ? ["stackdriver"] : []
    let prometheus: [JSONValue] = values.bool("telemetry.v2.prometheus.enabled") ? ["prometheus"] : []
    return fields([
        "metrics": JSONValue.array(prometheus + stackdriver).nonEmpty,
        "accessLogging": JSONValue.array(stackdriver).nonEmpty,
    ]).nonEmpty
}

/// Where proxies send traces, in the older way that names one tracer for the whole mesh.
private func tracer(_ name: String, _ install: Install, reading values: inout ValuesReader) -> JSONValue? {
    switch name {
    case "", "none": return Optional.none
    case "zipkin":
        return ["zipkin": ["address": address(of: "zipkin", else: "zipkin.\(install.namespace):9411", &values)]]
    case "datadog": return ["datadog": ["address": address(of: "datadog", else: "$(HOST_IP):8126", &values)]]
    case "lightstep":
        let token = JSONValue.string(values.text("global.tracer.lightstep.accessToken"))
        return ["lightstep": ["address": address(of: "lightstep", else: "", &values), "accessToken": token]]
    case "stackdriver": return ["stackdriver": values.map("global.tracer.stackdriver") ?? [:]]
    case "openCensusAgent": return ["openCensusAgent": values.map("global.tracer.openCensusAgent") ?? [:]]
    default:
        values.fail(
            "global.proxy.tracer",
            "is \"\(name)\"; allowed are none, zipkin, datadog, lightstep, stackdriver and openCensusAgent")
        return Optional.none
    }
}

private func address(of tracer: String, else usual: String, _ values: inout ValuesReader) -> JSONValue {
    let address = values.text("global.tracer.\(tracer).address")
    return .string(address.isEmpty ? usual : address)
}
