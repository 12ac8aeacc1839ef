import Foundation
import IstioAPI
import KubernetesModel
import ManifestRenderer
import Testing
import YAML

/// One rendering with its input and its wanted outcome, each a file: `Fixtures/Manifests/<name>.in.yaml`, `.out.yaml`.
///
/// The input holds `kubernetes` (a minor version), `operator` (an IstioOperator) and perhaps `purpose: file`. The
/// outcome holds what rendering says, then every object in apply order, but for the definitions of kinds: those have
/// files of their own. `UPDATE_GOLDEN=1` rewrites the outcomes.
struct GoldenCase: Sendable, CustomTestStringConvertible {
    let name: String

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Fixtures/Manifests")

    static let all: [GoldenCase] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        let names = files.filter { $0.hasSuffix(".in.yaml") }.map { String($0.dropLast(".in.yaml".count)) }
        return names.sorted().map(GoldenCase.init)
    }()

    var testDescription: String { name }

    func input() throws -> RenderInput {
        let text = try String(contentsOf: file("in"), encoding: .utf8)
        let document = try #require(try JSONValue.documents(yaml: text).first)
        let minor = try #require(document["kubernetes"]?.integer)
        let object = IstioOperator(UnstructuredObject(try #require(document["operator"])))
        let read = object.read()
        #expect(!read.diagnostics.hasErrors, "\(name).in.yaml: \(read.diagnostics)")
        return RenderInput(
            owner: object.key, spec: read.spec, facts: ClusterFacts(kubernetesMinor: Int(minor)),
            purpose: document["purpose"]?.string == "file" ? .file : .installation)
    }

    /// What stands in the file, or will if it is to be rewritten.
    func wanted(insteadOf text: String) throws -> String {
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try text.write(to: file("out"), atomically: true, encoding: .utf8)
        }
        return try String(contentsOf: file("out"), encoding: .utf8)
    }

    private func file(_ kind: String) -> URL { GoldenCase.folder.appending(path: "\(name).\(kind).yaml") }
}

/// An outcome as the text of a golden file.
func goldenText(_ input: RenderInput) -> String {
    do {
        let rendered = try manifests(for: input)
        let objects = rendered.manifests.filter { $0.object.kind != "CustomResourceDefinition" }
            .map { YAMLNode($0.object.json) }
        return yamlText(documents: [YAMLNode(summary(of: rendered))] + objects)
    } catch {
        return yamlText(YAMLNode(["errors": JSONValue(error.diagnostics.map(\.description))]))
    }
}

private func summary(of rendered: RenderedManifests) -> JSONValue {
    let gated = rendered.manifests.filter { $0.gate == .webhookServer }
    let shared = rendered.manifests.filter(\.isShared)
    return [
        "istioNamespace": .string(rendered.istioNamespace), "revision": .string(rendered.revision),
        "enabledComponents": JSONValue(rendered.enabledComponents.map(\.rawValue).sorted()),
        "behindWebhookServer": JSONValue(gated.map(\.reference.description)),
        "shared": JSONValue(shared.map(\.reference.description)),
        "warnings": JSONValue(rendered.warnings.map(\.description)),
    ]
}
