import KubernetesModel
import MeshTesting
import MeshTranslator
import Testing

/// Changes of DestinationRules that meet each other, for the services of random changes.
enum RandomDestinationRules {
    static func change(
        in namespace: String, isRemoval: Bool, _ generator: inout SeededGenerator
    ) throws -> ObjectChange {
        func pick(_ words: String...) -> String { words.randomElement(using: &generator) ?? "" }
        let name = pick("d", "e")
        let key = ObjectKey(namespace: namespace, name: name)
        let reference = ObjectReference(GroupKind(group: "networking.istio.io", kind: "DestinationRule"), key)
        guard !isRemoval else { return .configuration(reference, nil) }
        let yaml = """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: \(name), namespace: \(namespace), creationTimestamp: "2026-01-0\(pick("1", "2"))T00:00:00Z"}
            spec:
              host: \(pick("s", "t", "s.a.svc.cluster.local", "\"*.a.svc.cluster.local\""))
              \(pick("exportTo: [.]", "exportTo: [b]", "workloadSelector: {matchLabels: {app: s}}", "subsets: []"))
              \(pick(
                "trafficPolicy: {loadBalancer: {simple: RANDOM}}", "trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}",
                "trafficPolicy: {outlierDetection: {consecutive5xxErrors: 1}}"))
            """
        let document = try #require(JSONValue.documents(yaml: yaml).first)
        return .configuration(reference, ConfigurationObject(UnstructuredObject(document)))
    }
}
