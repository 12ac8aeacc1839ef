import KubernetesModel
import MeshTesting
import Testing

@testable import CommandLineTool

/// How two sets of objects are compared.
@Suite struct DiffTests {
    private func changes(_ old: String, _ new: String) throws -> [String] {
        ObjectChange.changes(from: try documents(old).map(\.object), to: try documents(new).map(\.object))
            .map(\.description)
    }

    @Test func tellsAddedRemovedAndChanged() throws {
        let old = """
            {apiVersion: v1, kind: Service, metadata: {name: a, namespace: n}}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: d, namespace: n, labels: {a.b/c: x}}
            spec:
              replicas: 1
              containers:
              - {name: one, image: a}
              - {name: two, image: b}
              args: [a, b]
            """
        let new = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: d, namespace: n, labels: {a.b/c: y}}
            spec:
              containers:
              - {name: three, image: c}
              - {name: two, image: bb}
              args: [a, c, d]
              paused: true
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: n}}
            """
        #expect(
            try changes(old, new)
                == [
                    "+ ConfigMap n/c", "- Service n/a",
                    """
                    ~ Deployment n/d
                        ~ metadata.labels["a.b/c"]: "x" -> "y"
                        ~ spec.args[1]: "b" -> "c"
                        + spec.args[2]: "d"
                        - spec.containers[name=one]: {"image":"a","name":"one"}
                        ~ spec.containers[name=two].image: "b" -> "bb"
                        + spec.containers[name=three]: {"image":"c","name":"three"}
                        + spec.paused: true
                        - spec.replicas: 1
                    """,
                ])
    }

    @Test func comparesTextsLineByLine() throws {
        let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  mesh: |\n"
        #expect(
            try changes(map + "    a: 1\n    b: 2\n    c: 3\n", map + "    a: 1\n    x: 0\n    b: 3\n    c: 3\n") == [
                """
                ~ ConfigMap c
                    ~ data.mesh:
                        - b: 2
                        + x: 0
                        + b: 3
                """
            ])
    }

    @Test func anotherOrderOfNamedElementsIsAChange() throws {
        let object = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n"
        #expect(
            try changes(object + "  - name: a\n  - name: b\n", object + "  - name: b\n  - name: a\n") == [
                """
                ~ Pod p
                    ~ spec.containers (order): ["a","b"] -> ["b","a"]
                """
            ])
    }

    /// Objects differ from themselves in nothing, whatever their order; and from others whenever they are not equal.
    @Test(arguments: 0..<200)
    func saysNothingOfEqualsAndSomethingElse(_ seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        func value(_ depth: Int) -> JSONValue {
            switch Int.random(in: 0..<(depth > 0 ? 5 : 3), using: &random) {
            case 0: return .integer(Int64.random(in: 0...2, using: &random))
            case 1: return .string(["", "a", "a\nb", "b\na"].randomElement(using: &random) ?? "")
            case 2: return .null
            case 3: return .array((0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth - 1) })
            default:
                let names = ["name", "port", "x"].filter { _ in Bool.random(using: &random) }
                return .object(Dictionary(uniqueKeysWithValues: names.map { ($0, value(depth - 1)) }))
            }
        }
        let (one, other) = (value(4), value(4))
        #expect(FieldChange.changes(from: one, to: one) == [])
        let changes = FieldChange.changes(from: one, to: other)
        #expect(changes.isEmpty == (one == other))
        #expect(changes.allSatisfy { !$0.lines.isEmpty })
    }
}
