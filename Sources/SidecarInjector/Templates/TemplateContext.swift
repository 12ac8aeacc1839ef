import KubernetesModel

/// What a template sees: the Pod without what an earlier injection put into it, and the settings that apply to it.
struct TemplateContext {
    var settings: InjectionSettings
    var proxy: ProxySettings
    /// The Pod's `metadata` and `spec`.
    var metadata: JSONValue
    var spec: JSONValue
    var annotations: [String: String]
    var labels: [String: String]
    var workload: WorkloadReference
    var isNative: Bool
    /// User and group that the proxy runs as.
    var user: Int64
    var group: Int64
    /// What is doubtful about what the Pod says.
    var warnings: [String] = []

    var values: InjectionValues { settings.values }
    var containers: [JSONValue] { spec["containers"]?.array ?? [] }

    /// The names of the containers besides the proxy.
    var applicationContainers: [String] {
        containers.compactMap { $0["name"]?.string }.filter { $0 != proxyContainerName }
    }

    /// The value of an annotation, even if it is empty, or else a default.
    func annotation(_ name: String, or standard: String) -> String { annotations[name] ?? standard }

    /// The value of an annotation that is not empty.
    func said(_ name: String) -> String? {
        guard let value = annotations[name], !value.isEmpty else { return nil }
        return value
    }

    /// The value of the first label that is there and not empty.
    func label(_ names: String...) -> String? {
        for name in names {
            if let value = labels[name], !value.isEmpty { return value }
        }
        return nil
    }

    var interceptionMode: String {
        annotation("sidecar.istio.io/interceptionMode", or: proxy.interceptionMode)
    }

    var statusPort: String { annotation("status.sidecar.istio.io/port", or: values.proxy.statusPort) }

    /// Where the agent tells of its status and the application's; nil: nowhere.
    var agentPort: Int64? {
        let port = annotations["status.sidecar.istio.io/port"].flatMap { Int64($0) } ?? proxy.statusPort
        return port > 0 ? port : nil
    }

    var dumpsCore: Bool {
        annotation("sidecar.istio.io/enableCoreDump", or: values.proxy.dumpsCore ? "true" : "false") == "true"
    }

    var agentLogLevel: String { annotation("sidecar.istio.io/agentLogLevel", or: values.proxy.agentLogLevel) }

    var revision: String { settings.facts.revision }

    var compliancePolicy: String { settings.facts.environment["COMPLIANCE_POLICY"] ?? "" }

    /// The name that the mesh knows the workload by.
    var workloadName: String { label("service.istio.io/workload-name") ?? workload.name }
}

/// The container of the proxy and its agent.
let proxyContainerName = "istio-proxy"
/// The init container that sets up the capture of traffic.
let captureContainerName = "istio-init"
/// The init container that sees whether a CNI plugin has set it up.
let validationContainerName = "istio-validation"
/// The init container that lets programs leave their memory behind when they fail.
let coreDumpContainerName = "enable-core-dump"
