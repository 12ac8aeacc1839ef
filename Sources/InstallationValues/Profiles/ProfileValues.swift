internal import KubernetesModel

extension Profile {
    /// The values that the profile differs in from the default one: also what `values.profile` stands for.
    var chartValues: JSONValue {
        switch self {
        case .default, .minimal, .empty: [:]
        case .demo: demoValues()
        case .preview: ["meshConfig": ["defaultConfig": ["proxyMetadata": ["ISTIO_META_DNS_CAPTURE": "true"]]]]
        case .stable: ["experimental": ["stableValidationPolicy": true]]
        case .remote: remoteValues()
        case .ambient: ambientValues()
        case .openshift: openShiftValues()
        case .openshiftAmbient: ambientValues().merging(openShiftValues())
        }
    }
}

/// Requests small enough for a laptop; everything that can be seen is shown.
private func demoValues() -> JSONValue {
    let proxy: JSONValue = requests(memory: "40Mi")
    let ports: JSONValue = [
        gatewayPort("status-port", 15021, target: 15021), gatewayPort("http2", 80, target: 8080),
        gatewayPort("https", 443, target: 8443), gatewayPort("tcp", 31400, target: 31400),
        gatewayPort("tls", 15443, target: 15443),
    ]
    return [
        "meshConfig": ["accessLogFile": "/dev/stdout", "extensionProviders": demoProviders()],
        "cni": ["resources": proxy],
        "ztunnel": ["resources": proxy],
        "global": ["proxy": ["resources": proxy], "waypoint": ["resources": proxy]],
        "pilot": ["autoscaleEnabled": false, "traceSampling": 100, "resources": requests(memory: "100Mi")],
        "gateways": [
            "istio-egressgateway": ["autoscaleEnabled": false, "resources": proxy],
            "istio-ingressgateway": ["autoscaleEnabled": false, "resources": proxy, "ports": ports],
        ],
    ]
}

/// Where the add-ons of the tasks in Istio's documentation listen.
private func demoProviders() -> JSONValue {
    let collector = "opentelemetry-collector.observability.svc.cluster.local"
    return [
        ["name": "otel", "envoyOtelAls": provider(collector, 4317)],
        ["name": "skywalking", "skywalking": provider("tracing.istio-system.svc.cluster.local", 11800)],
        ["name": "otel-tracing", "opentelemetry": provider(collector, 4317)],
        ["name": "jaeger", "opentelemetry": provider("jaeger-collector.istio-system.svc.cluster.local", 4317)],
    ]
}

private func provider(_ service: String, _ port: Int64) -> JSONValue {
    ["service": .string(service), "port": .integer(port)]
}

private func requests(memory: String) -> JSONValue { ["requests": ["cpu": "10m", "memory": .string(memory)]] }

/// Configuration and injection templates come from the control plane of the other cluster.
private func remoteValues() -> JSONValue {
    [
        "global": ["externalIstiod": true, "omitSidecarInjectorConfigMap": true],
        "istiodRemote": ["enabled": true],
        "pilot": ["configMap": false],
        "telemetry": ["enabled": false],
    ]
}

private func ambientValues() -> JSONValue {
    let global: JSONValue = ["key": "istio.io/global", "operator": "In", "values": ["true"]]
    return [
        "meshConfig": [
            "defaultConfig": ["proxyMetadata": ["ISTIO_META_ENABLE_HBONE": "true"]],
            "serviceScopeConfigs": [
                ["servicesSelector": ["matchExpressions": [global]], "scope": "GLOBAL"]
            ],
        ],
        "global": ["variant": "distroless"],
        "pilot": ["env": ["PILOT_ENABLE_AMBIENT": "true"]],
        "cni": ["ambient": ["enabled": true]],
    ]
}

/// What is particular to OpenShift comes with its platform.
private func openShiftValues() -> JSONValue {
    ["global": ["platform": "openshift"], "pilot": ["cni": ["enabled": true]]]
}
