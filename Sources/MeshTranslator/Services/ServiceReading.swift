import KubernetesModel
import MeshModel

/// Reads the parts of one Service, and gathers what is wrong about them.
struct ServiceReading {
    let object: ServiceObject
    let spec: ServiceObject.Spec
    var diagnostics: [Diagnostic] = []

    init(object: ServiceObject, spec: ServiceObject.Spec) {
        self.object = object
        self.spec = spec
    }

    mutating func resolution() -> MeshService.Resolution? {
        guard spec.type == "ExternalName" else { return spec.clusterIP == "None" ? .headless : .endpoints }
        let name = (spec.externalName ?? "").lowercased()
        guard !name.isEmpty else {
            report(path: "spec.externalName", "is required for a Service of type ExternalName")
            return nil
        }
        return .externalName(name.hasSuffix(".") ? String(name.dropLast()) : name)
    }

    mutating func visibility(byDefault words: [String]) -> Visibility {
        let namespace = object.metadata.namespace
        guard let text = object.metadata.annotations[exportTo] else {
            return Visibility(exportTo: words, in: namespace)
        }
        let own = text.split(separator: ",").map { String($0.filter { $0 != " " }) }.filter { !$0.isEmpty }
        guard !own.isEmpty else {
            report(
                .warning, path: FieldPath.field(exportTo, of: "metadata.annotations"),
                "names nobody; write \"~\" to hide the Service, or \"*\", \".\" or names of namespaces")
            return Visibility(exportTo: words, in: namespace)
        }
        return Visibility(exportTo: own, in: namespace)
    }

    mutating func sessionAffinity() -> SessionAffinity? {
        guard spec.sessionAffinity == "ClientIP" else { return nil }
        // What the API server puts there by default.
        let seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10800
        guard seconds > 0, seconds <= 86400 else {
            report(
                path: "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
                "is \(seconds), and must be between 1 and 86400; clients have no affinity until then")
            return nil
        }
        return SessionAffinity(timeout: .seconds(seconds))
    }

    /// - Parameter namespace: What the namespace says for Services that say nothing.
    mutating func trafficDistribution(byDefault namespace: String?) -> TrafficDistribution {
        let annotation = object.metadata.annotations[distribution]
        let path =
            annotation == nil ? "spec.trafficDistribution" : FieldPath.field(distribution, of: "metadata.annotations")
        guard let word = annotation ?? spec.trafficDistribution else {
            // Whoever made the Service is not to blame for a word that nobody knows.
            return namespace.flatMap { TrafficDistribution(word: $0) } ?? .any
        }
        if let known = TrafficDistribution(word: word) { return known }
        report(
            .warning, path: path,
            "is \"\(word)\", which has no effect; known are PreferClose, PreferSameZone and PreferSameNode")
        return .any
    }

    /// Identities that an annotation adds to those of the endpoints: whole SPIFFE URIs, or ServiceAccounts of the
    /// Service's namespace.
    func subjectAltNames(trustDomain: String) -> [String] {
        let annotations = object.metadata.annotations
        func words(_ name: String) -> [String] {
            (annotations[name] ?? "").split(separator: ",").map { String($0.filter { $0 != " " }) }
                .filter { !$0.isEmpty }
        }
        let namespace = object.metadata.namespace
        let own = words("alpha.istio.io/kubernetes-serviceaccounts").map {
            WorkloadIdentity(namespace: namespace, serviceAccount: $0).spiffeID(trustDomain: trustDomain)
        }
        let whole = words("alpha.istio.io/canonical-serviceaccounts").map {
            $0.hasPrefix("spiffe://") ? $0 : "spiffe://\($0)"
        }
        return Set(own + whole).sorted()
    }

    mutating func report(_ severity: Diagnostic.Severity = .error, path: String, _ message: String) {
        diagnostics.append(Diagnostic(severity, path: path, message: message))
    }
}

private let exportTo = "networking.istio.io/exportTo"
private let distribution = TrafficDistribution.annotation
