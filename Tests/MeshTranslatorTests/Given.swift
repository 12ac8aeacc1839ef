import KubernetesModel
import MeshTranslator
import Testing

/// Objects as written in YAML.
func clusterObjects(_ yaml: String) throws -> ClusterObjects {
    var objects = ClusterObjects()
    for document in try JSONValue.documents(yaml: yaml) {
        let diagnostics = objects.add(UnstructuredObject(document))
        #expect(diagnostics ?? [] == [])
    }
    return objects
}

/// The one Service of a YAML text.
func serviceObject(_ yaml: String) throws -> ServiceObject {
    try #require(clusterObjects(yaml).services.values.first)
}
