import KubernetesModel

/// The Pod with what no template says: metrics and probes that go by the agent, names of cluster and network, the order
/// of its containers, and a record of what was done.
func adapted(
    _ templated: JSONValue, overrides: Overrides, of original: OriginalPod, _ request: InjectionRequest,
    _ context: TemplateContext, _ part: JSONValue
) throws(InjectionError) -> JSONValue {
    var pod = AdaptedPod(templated)
    pod.setProxyEnvironment(request.proxyEnvironment)
    pod.mergeMetrics(context)
    pod.redirectProbes(context)
    if let network = request.proxyEnvironment["ISTIO_META_NETWORK"], pod.labels[networkLabel] == nil {
        pod.labels[networkLabel] = .string(network)
    }
    for (name, value) in context.settings.injectedAnnotations { pod.annotations[name] = .string(value) }
    pod.annotations[InjectionStatus.annotation] = .string(InjectionStatus.text(of: part, revision: context.revision))
    if original.status == nil, !overrides.isEmpty { pod.annotations[Overrides.annotation] = .string(overrides.text) }
    try pod.addSearchDomains(context)
    pod.setGroupOfVolumes(context)
    pod.endWithWork(context)
    pod.order(holdsApplication: context.proxy.holdsApplication || context.values.proxy.holdsApplication)
    return pod.json
}

private let networkLabel = "topology.istio.io/network"

/// A Pod whose parts are apart, so that they are changed in place.
struct AdaptedPod {
    var labels: [String: JSONValue]
    var annotations: [String: JSONValue]
    var containers: [JSONValue]
    var initContainers: [JSONValue]
    var spec: [String: JSONValue]
    private var metadata: [String: JSONValue]
    private var rest: [String: JSONValue]

    init(_ json: JSONValue) {
        rest = json.object ?? [:]
        metadata = rest.removeValue(forKey: "metadata")?.object ?? [:]
        spec = rest.removeValue(forKey: "spec")?.object ?? [:]
        labels = metadata.removeValue(forKey: "labels")?.object ?? [:]
        annotations = metadata.removeValue(forKey: "annotations")?.object ?? [:]
        containers = spec.removeValue(forKey: "containers")?.array ?? []
        initContainers = spec.removeValue(forKey: "initContainers")?.array ?? []
    }

    var json: JSONValue {
        var (rest, metadata, spec) = (rest, metadata, spec)
        if !labels.isEmpty { metadata["labels"] = .object(labels) }
        if !annotations.isEmpty { metadata["annotations"] = .object(annotations) }
        spec["containers"] = .array(containers)
        if !initContainers.isEmpty { spec["initContainers"] = .array(initContainers) }
        rest["metadata"] = .object(metadata)
        rest["spec"] = .object(spec)
        return .object(rest)
    }

    /// Changes the container of the proxy; nothing where there is none.
    mutating func withProxy(_ change: (inout JSONValue) -> Void) {
        if let index = containers.firstIndex(where: { $0["name"]?.string == proxyContainerName }) {
            change(&containers[index])
        } else if let index = initContainers.firstIndex(where: { $0["name"]?.string == proxyContainerName }) {
            change(&initContainers[index])
        }
    }

    var hasProxy: Bool {
        containers.contains { $0["name"]?.string == proxyContainerName }
            || initContainers.contains { $0["name"]?.string == proxyContainerName }
    }

    mutating func setProxyEnvironment(_ variables: [String: String]) {
        guard !variables.isEmpty else { return }
        withProxy { container in
            for (name, value) in variables.sorted(by: { $0.key < $1.key }) { container.setVariable(name, value) }
        }
    }
}

extension JSONValue {
    /// Sets an environment variable of a container.
    mutating func setVariable(_ name: String, _ value: String) {
        var variables = self["env"]?.array ?? []
        if let index = variables.firstIndex(where: { $0["name"]?.string == name }) {
            variables[index] = variable(name, value)
        } else {
            variables.append(variable(name, value))
        }
        self["env"] = .array(variables)
    }

    /// The text of an environment variable of a container.
    func variableText(_ name: String) -> String? {
        self["env"]?.array?.first { $0["name"]?.string == name }?["value"]?.string
    }
}
