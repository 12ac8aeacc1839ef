import IstioAPI
import KubernetesModel
import MeshModel

/// What a DestinationRule means to the mesh.
///
/// - Returns: No value for a rule with any error: half of a policy could treat a service in another way than meant.
func destinationRule(of object: ConfigurationObject, in settings: MeshSettings) -> Translated<DestinationRule?> {
    var reading = TrafficPolicyReading()
    reading.check(object.spec, Schema.destinationRuleSpec, at: "spec")
    let spec = object.spec
    let namespace = object.metadata.namespace
    let selector = reading.workloadSelector(spec["workloadSelector"])
    let exportTo = (spec["exportTo"]?.array ?? []).compactMap(\.string)
    let rule = DestinationRule(
        origin: object.origin,
        host: reading.host(spec["host"]?.string ?? "", namespace: namespace, settings),
        visibility: visibility(exportTo, in: namespace, isSelective: selector != nil, settings),
        workloadSelector: selector, policy: reading.policy(spec["trafficPolicy"], at: "spec.trafficPolicy"),
        subsets: reading.subsets(spec["subsets"]?.array ?? []))
    return Translated(
        reading.diagnostics.hasErrors ? Optional.none : rule, diagnostics: reading.diagnostics)
}

/// A rule for some clients alone is one for its own namespace. What the mesh says of rules that say nothing does not hide
/// them there.
private func visibility(
    _ exportTo: [String], in namespace: String, isSelective: Bool, _ settings: MeshSettings
) -> Visibility {
    if isSelective { return Visibility(namespaces: [namespace]) }
    if !exportTo.isEmpty { return Visibility(exportTo: exportTo, in: namespace) }
    return Visibility(exportTo: settings.defaultDestinationRuleVisibility + ["."], in: namespace)
}

/// Reads the parts of traffic policies, and gathers what is wrong about them.
struct TrafficPolicyReading {
    var diagnostics: [Diagnostic] = []

    mutating func report(_ path: String, _ message: String) { report(.error, path, message) }

    /// The first thing that is said of a field is enough.
    mutating func report(_ severity: Diagnostic.Severity, _ path: String, _ message: String) {
        guard !diagnostics.contains(where: { $0.path == path }) else { return }
        diagnostics.append(Diagnostic(severity, path: path, message: message))
    }

    /// Wrong types are errors; fields that do not exist are not.
    mutating func check(_ spec: JSONValue, _ schema: Schema, at path: String) {
        for found in schema.diagnostics(for: spec, at: path) {
            let isSurplus = found.message.hasPrefix("unknown field")
            report(isSurplus ? .warning : found.severity, found.path, found.message)
        }
    }

    /// A name without a dot is that of a service in the rule's own namespace.
    mutating func host(_ text: String, namespace: String, _ settings: MeshSettings) -> String {
        let host = text.lowercased().withoutFinalDot
        if host.isEmpty { report("spec.host", "is required") }
        if host.dropFirst().contains("*") {
            report("spec.host", "is \"\(text)\", and * may only stand alone, or as the first part as in *.example.com")
        } else if host.hasPrefix("*"), host != "*", !host.hasPrefix("*.") {
            report(
                .warning, "spec.host",
                "is \"\(text)\", a pattern that no service is looked up by; write *. and a domain")
        }
        let isWhole = host.contains(".") || host.hasPrefix("*")
        return isWhole ? host : settings.completedHost(host, namespace: namespace)
    }

    mutating func workloadSelector(_ json: JSONValue?) -> [String: String]? {
        guard let json, json.object != nil else { return nil }
        return (json["matchLabels"]?.object ?? [:]).compactMapValues(\.string)
    }

    mutating func subsets(_ list: [JSONValue]) -> [DestinationRule.Subset] {
        var names: Set<String> = []
        return list.enumerated().compactMap { index, json in
            let path = FieldPath.element(index, of: "spec.subsets")
            let name = json["name"]?.string ?? ""
            if name.isEmpty { report("\(path).name", "is required") }
            guard names.insert(name).inserted else {
                report(.warning, "\(path).name", "is \"\(name)\" once more; the first one counts")
                return nil
            }
            let labels = (json["labels"]?.object ?? [:]).compactMapValues(\.string)
            return DestinationRule.Subset(
                name: name, labels: labels, policy: policy(json["trafficPolicy"], at: "\(path).trafficPolicy"))
        }
    }
}
