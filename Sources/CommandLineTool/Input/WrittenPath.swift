import KubernetesModel

extension OperatorInput {
    /// The path under which a person wrote what a message calls otherwise: many values are other names of fields.
    ///
    /// A path that stands in the input, and one of which no other name does, stays.
    func writtenPath(of path: String) -> String {
        guard let value = path.valuePath, !says(path) else { return path }
        return otherNames(of: value).first(where: says) ?? path
    }

    /// The fields that the value at a path may come from.
    private func otherNames(of value: String) -> [String] {
        if let field = fieldsOfValues[value] { return ["spec.\(field)"] }
        if value.hasPrefix("meshConfig.") { return ["spec.\(value)"] }
        if let rest = value.rest(after: "pilot."), let field = fieldsOfScaling[rest] {
            return ["spec.components.pilot.\(field)"]
        }
        return ["ingressGateways", "egressGateways"].flatMap { list -> [String] in
            let gateways = object.json["spec", "components", list]?.array ?? []
            return gateways.enumerated().compactMap { index, gateway in
                let name = gateway["name"]?.string ?? "istio-\(list.dropLast("Gateways".count))gateway"
                guard let rest = value.rest(after: "gateways.\(name)."), let field = fieldsOfScaling[rest] else {
                    return nil
                }
                return FieldPath.element(index, of: "spec.components.\(list)") + ".\(field)"
            }
        }
    }
}

private let fieldsOfValues = [
    "global.hub": "hub", "global.tag": "tag", "global.istioNamespace": "namespace", "revision": "revision",
    "compatibilityVersion": "compatibilityVersion",
]

private let fieldsOfScaling = [
    "autoscaleMin": "k8s.hpaSpec.minReplicas", "autoscaleMax": "k8s.hpaSpec.maxReplicas",
    "replicaCount": "k8s.replicaCount", "hub": "hub", "tag": "tag",
]

extension String {
    /// The path below `spec.values`, if this is one.
    fileprivate var valuePath: String? { rest(after: "spec.values.") }

    fileprivate func rest(after prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
