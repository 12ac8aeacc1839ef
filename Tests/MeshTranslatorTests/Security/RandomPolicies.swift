import KubernetesModel
import MeshModel
import MeshTesting
import MeshTranslator
import Testing

/// Changes of security policies.
enum RandomPolicies {
    private static let specs: [String: [String]] = [
        "PeerAuthentication": [
            "{mtls: {mode: STRICT}}", "{}",
            "{selector: {matchLabels: {app: s}}, portLevelMtls: {8080: {mode: DISABLE}}}",
        ],
        "AuthorizationPolicy": [
            "{rules: [{}]}", "{action: DENY}", "{action: CUSTOM, provider: {name: x}, rules: [{}]}",
            "{selector: {matchLabels: {app: t}}, rules: [{from: [{source: {namespaces: [a]}}]}]}",
        ],
        "RequestAuthentication": [
            "{jwtRules: [{issuer: 'https://i'}]}",
            "{jwtRules: [{issuer: 'https://i'}, {issuer: b, jwksUri: 'https://k'}]}",
            "{}",
        ],
    ]

    static func change(
        in namespace: String, isRemoval: Bool, _ generator: inout SeededGenerator
    ) throws -> ObjectChange {
        let kind = specs.keys.sorted().randomElement(using: &generator) ?? ""
        let spec = specs[kind]?.randomElement(using: &generator) ?? ""
        let name = ["x", "y"].randomElement(using: &generator) ?? ""
        let document = try #require(
            JSONValue.documents(
                yaml: """
                    {apiVersion: security.istio.io/v1, kind: \(kind), metadata: {name: \(name), namespace: \(namespace)},
                     spec: \(spec)}
                    """
            ).first)
        let object = ConfigurationObject(UnstructuredObject(document))
        return .configuration(object.reference, isRemoval ? nil : object)
    }

    static func keySet(isRemoval: Bool, _ generator: inout SeededGenerator) -> ObjectChange {
        let sources: [KeySetSource] = [.issuer("https://i"), .address("https://k")]
        let source = sources.randomElement(using: &generator) ?? sources[0]
        return .keySet(source, isRemoval ? nil : ["one", "two"].randomElement(using: &generator))
    }
}
