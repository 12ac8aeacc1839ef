import IstioAPI
import KubernetesModel
import MeshTesting
import Testing
import YAML

@testable import CommandLineTool

/// Whatever people write, each unknown field is named with the very line that it stands on.
@Suite struct PlacePropertyTests {
    @Test(arguments: 0..<150)
    func unknownFieldsAreNamedWithTheirLine(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let object: JSONValue = [
            "apiVersion": "install.istio.io/v1alpha1", "kind": "IstioOperator",
            "spec": .object(fields(depth: 5, &random)),
        ]
        let text = yamlText(YAMLNode(object))
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let input = try OperatorInput(try documents(text), [])
        for diagnostic in IstioOperatorSpec.read(object["spec"] ?? .null).diagnostics
        where diagnostic.message.hasPrefix("unknown field") {
            guard case .field(let name)? = FieldStep.steps(diagnostic.path).last,
                case .file(_, let mark?)? = input.place(of: diagnostic.path)
            else {
                Issue.record("no place for \(diagnostic) in\n\(text)")
                continue
            }
            #expect(lines[mark.line - 1].dropFirst(mark.column - 1).hasPrefix(name), "\(diagnostic) in\n\(text)")
        }
        // Whatever it is, it is either rendered or refused with a reason.
        let rendering = Rendering(input, kubernetesMinor: 30)
        #expect((rendering.manifests == nil) == rendering.findings.hasErrors)
    }

    private func fields(depth: Int, _ random: inout SeededGenerator) -> [String: JSONValue] {
        let names = [
            "components", "pilot", "k8s", "env", "values", "global", "meshConfig", "defaultConfig", "tracing",
            "overlays",
            "ingressGateways", "nodeSelector", "hpaSpc", "replicaCont", "profil", "a.b/c", "x", "patches", "hpaSpec",
        ]
        var fields: [String: JSONValue] = [:]
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let name = names.randomElement(using: &random) ?? ""
            fields[name] = value(depth: depth - 1, &random)
        }
        return fields
    }

    private func value(depth: Int, _ random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 3), using: &random) {
        case 0: .string("text")
        case 1: .integer(3)
        case 2: .null
        case 3: .array([value(depth: depth - 1, &random), .object(fields(depth: depth, &random))])
        default: .object(fields(depth: depth, &random))
        }
    }
}
