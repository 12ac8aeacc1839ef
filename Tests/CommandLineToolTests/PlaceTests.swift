import KubernetesModel
import MeshTesting
import Testing
import YAML

@testable import CommandLineTool

/// From a field path back to the line that it was written on.
@Suite struct PlaceTests {
    @Test(
        arguments: [
            ("", []),
            ("spec.a-b", [.field("spec"), .field("a-b")]),
            ("spec.l[0][12].b", [.field("spec"), .field("l"), .index(0), .index(12), .field("b")]),
            ("spec[\"a.b/c\"].d", [.field("spec"), .field("a.b/c"), .field("d")]),
            ("spec[\"a\\\"]\\\\\"]", [.field("spec"), .field("a\"]\\")]),
            ("spec[x].y", [.field("spec")]),
        ] as [(String, [FieldStep])])
    func readsPaths(_ path: String, _ steps: [FieldStep]) {
        #expect(FieldStep.steps(path) == steps)
    }

    /// Whatever keys there are, the path that messages give leads back to them.
    @Test(arguments: 0..<200)
    func pathsLeadBack(_ seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let names = ["a", "a.b", "x/y", "", "\"", "]", "[0]", "ä", "a-b_c", "\\", "1"]
        var path = "spec"
        var steps = [FieldStep.field("spec")]
        for _ in 0..<6 {
            if Bool.random(using: &random) {
                let name = names.randomElement(using: &random) ?? ""
                path = FieldPath.field(name, of: path)
                steps.append(.field(name))
            } else {
                path = FieldPath.element(7, of: path)
                steps.append(.index(7))
            }
        }
        #expect(FieldStep.steps(path) == steps)
    }

    @Test(arguments: [
        ("spec", 3, 1), ("spec.components.pilot", 5, 5), ("spec.components.pilot.k8s.env[1]", 9, 13),
        ("spec.components.pilot.k8s.env[1].value", 10, 13), ("spec.components.pilot.k8s.env[5]", 7, 9),
        ("spec.components.pilot.k8s.replicaCount", 6, 7), ("spec.values", 3, 1), ("status", 1, 1),
        ("spec.components.pilot.k8s.nodeSelector[\"a.b/c\"]", 12, 11),
        ("spec.components.pilot.k8s.nodeSelector.a.b/c", 12, 11),
    ])
    func findsTheDeepestThatIsThere(_ path: String, _ line: Int, _ column: Int) throws {
        let shown = try #require(try yamlDocuments(document).first)
        #expect(shown.place(of: FieldStep.steps(path)).mark == YAMLMark(line: line, column: column))
    }

    private let document = """
        apiVersion: a
        kind: b
        spec:
          components:
            pilot:
              k8s:
                env:
                  - name: a
                  - name: b
                    value: c
                nodeSelector:
                  a.b/c: d
        """
}
