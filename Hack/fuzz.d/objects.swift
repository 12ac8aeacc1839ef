import KubernetesModel
import MeshTranslator
import MeshValidation

/// Any text as people's objects, in YAML or JSON: each is judged, as whatever kind, and all make a mesh.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzObjects(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: data, count: count)
    _ = try? JSONValue(parsing: bytes)
    guard let documents = try? JSONValue.documents(yaml: String(decoding: bytes, as: UTF8.self)) else { return 0 }
    var mesh = ClusterObjects()
    for document in documents where document.object != nil {
        let object = UnstructuredObject(document)
        _ = configurationDiagnostics(of: object)
        // Whatever the kind, as any other one too: fields that one kind does not know another one reads.
        let read = ConfigurationObject(object)
        for kind in kinds {
            var other = read
            other.groupKind = kind
            _ = configurationDiagnostics(of: other)
        }
        _ = mesh.add(object)
    }
    let translation = MeshTranslation(mesh)
    precondition(translation.diagnostics.count <= 10 * (documents.count + 1), "more was told than there are objects")
    return 0
}

private let kinds = ConfigurationTranslation.all.map(\.groupKind)
