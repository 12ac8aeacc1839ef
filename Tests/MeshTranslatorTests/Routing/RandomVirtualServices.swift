import KubernetesModel
import MeshTesting
import MeshTranslator
import Testing

/// Changes of VirtualServices that meet each other, for the services of random changes.
enum RandomVirtualServices {
    static func change(
        in namespace: String, isRemoval: Bool, _ generator: inout SeededGenerator
    ) throws -> ObjectChange {
        func pick(_ words: String...) -> String { words.randomElement(using: &generator) ?? "" }
        let name = pick("v", "w", "x")
        let key = ObjectKey(namespace: namespace, name: name)
        let reference = ObjectReference(GroupKind(group: "networking.istio.io", kind: "VirtualService"), key)
        guard !isRemoval else { return .configuration(reference, nil) }
        let spec = pick(
            "hosts: [\(pick("s", "t", "\"*.a.svc.cluster.local\"", "s, plain.example.com"))]\n  gateways: [mesh, front]",
            "hosts: [\(pick("s.a.svc.cluster.local", "plain.example.com"))]\n  exportTo: [\(pick(".", "\"*\"", "b"))]",
            "exportTo: [\(pick(".", "\"*\"", "a"))]")
        let rule =
            spec.contains("hosts")
            ? pick(
                "{route: [{destination: {host: \(pick("s", "t", "u"))}}]}",
                "{match: [{sourceLabels: {app: s}}], route: [{destination: {host: t}}]}",
                "{match: [{uri: {prefix: /\(pick("", "d"))}}], delegate: {name: \(pick("v", "w", "x")), namespace: a}}")
            : "{match: [{uri: {prefix: /\(pick("d", "e"))}}], route: [{destination: {host: s}}]}"
        let yaml = """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: \(name), namespace: \(namespace), creationTimestamp: "2026-01-0\(pick("1", "2"))T00:00:00Z"}
            spec:
              \(spec)
              http: [\(rule)]
            """
        let document = try #require(JSONValue.documents(yaml: yaml).first)
        return .configuration(reference, ConfigurationObject(UnstructuredObject(document)))
    }
}
