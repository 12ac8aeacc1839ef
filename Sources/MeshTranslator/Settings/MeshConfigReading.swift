import IstioAPI
import KubernetesModel
package import MeshModel

/// Mesh settings as the ConfigMap says, over those that a control plane starts with.
///
/// A text that cannot be read changes nothing; a field that makes no sense keeps its default. Both are told.
///
/// - Parameter yaml: MeshConfig, the ConfigMap's key `mesh`. Nil if there is no ConfigMap.
package func meshSettings(_ yaml: String?, over base: MeshSettings) -> Translated<MeshSettings> {
    guard let yaml else { return Translated(base) }
    let documents: [JSONValue]
    do {
        documents = try JSONValue.documents(yaml: yaml)
    } catch {
        let message = "cannot be read as YAML, so that no mesh setting counts: \(error)"
        return Translated(base, diagnostics: [Diagnostic(path: "data.mesh", message: message)])
    }
    guard let config = documents.first, !config.isNull else { return Translated(base) }
    guard config.object != nil else {
        let message = "is a \(config.typeName), and must be a map of mesh settings"
        return Translated(base, diagnostics: [Diagnostic(path: "data.mesh", message: message)])
    }
    var settings = base
    MeshConfigFields(config).read(into: &settings)
    // The mesh goes on with the other fields.
    let diagnostics = Schema.meshConfig.diagnostics(for: config, at: "data.mesh").map {
        Diagnostic(.warning, path: $0.path, message: $0.message)
    }
    return Translated(settings, diagnostics: diagnostics)
}
