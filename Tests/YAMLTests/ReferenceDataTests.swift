import Foundation
import Testing
import YAML

/// Public manifests that may lie beside the checkout.
private let dataFolder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../shared/reference/data").standardizedFileURL

private let manifestFiles: [URL] = {
    let files = FileManager.default.enumerator(at: dataFolder, includingPropertiesForKeys: nil)
    return (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "yaml" }.sorted { $0.path < $1.path }
}()

@Suite(
    "Manifests from the field",
    .enabled(if: !manifestFiles.isEmpty, "skipped: there is no folder ../shared/reference/data beside the package"))
struct ReferenceDataTests {
    @Test("They read, and read the same when written again", arguments: manifestFiles)
    func manifests(file: URL) throws {
        let documents = try yamlDocuments([UInt8](Data(contentsOf: file)))
        #expect(!documents.isEmpty)
        #expect(try yamlDocuments(yamlText(documents: documents)).map(Meaning.init) == documents.map(Meaning.init))
    }

    @Test func customResourceDefinitions() throws {
        let file = dataFolder.appending(path: "istio-crds/crd-all.gen.yaml")
        let documents = try yamlDocuments([UInt8](Data(contentsOf: file)))
        #expect(documents.allSatisfy { $0["kind"]?.scalar?.text == "CustomResourceDefinition" })
        let names = documents.compactMap { $0["metadata"]?["name"]?.scalar?.text }
        #expect(names.count == documents.count)
        #expect(Set(names).isSuperset(of: ["virtualservices.networking.istio.io", "telemetries.telemetry.istio.io"]))
    }
}
