import IstioAPI
package import KubernetesModel
import MeshTranslator

/// All that is wrong or doubtful about one object that configures the mesh.
///
/// One judge for all who ask: the webhook, the command line, and those who read reports. Objects of other groups have
/// nothing wrong with them.
package func configurationDiagnostics(of object: UnstructuredObject) -> [Diagnostic] {
    let kind = object.groupVersionKind
    guard isConfigurationGroup(kind.group) else { return [] }
    guard let resource = CustomResource.configuration.first(where: { $0.group == kind.group && $0.kind == kind.kind })
    else { return [] }  // of a newer version of Istio, perhaps: its definition judges it
    guard let version = resource.versions.first(where: { $0.name == kind.version }) else {
        let known = resource.versions.map { "\(resource.group)/\($0.name)" }.joined(separator: ", ")
        return [
            Diagnostic(
                path: "apiVersion",
                message: "there is no version \"\(kind.version)\" of \(kind.kind); known are \(known)")
        ]
    }
    let given = object.json["spec"] ?? .null
    if given.isNull, version.isSpecRequired { return [Diagnostic(path: "spec", message: "is required")] }
    let spec = given.isNull ? [:] : given
    let written = version.spec.diagnostics(for: spec, at: "spec")
    let places = Set(written.map(\.path))
    let ruled = definitionFaults(in: spec, version.spec, at: "spec").filter { !places.contains($0.path) }
    var translated = ConfigurationObject(object)
    // As an API server would store it that is told no namespace.
    if translated.metadata.namespace.isEmpty { translated.metadata.namespace = "default" }
    // The translation looks at the schema, too.
    let told = Set(written.map { [$0.path, $0.message] })
    let meant = configurationDiagnostics(of: translated).filter { !told.contains([$0.path, $0.message]) }
    let refused = Set((written + ruled + meant).filter { $0.severity == .error }.map(\.path))
    let unwanted = (FieldRule.byKind[kind.kind] ?? [])
        .flatMap { $0.faults(in: spec, namespace: translated.metadata.namespace) }
        .filter { !refused.contains($0.path) }
    // What is refused is not doubtful besides.
    let certain = Set(unwanted.map(\.path))
    let doubtful = meant.filter { $0.severity == .error || !certain.contains($0.path) }
    return (written + ruled + doubtful + unwanted).uniqued
}

/// Whether a group holds kinds that configure the mesh.
package func isConfigurationGroup(_ group: String) -> Bool { groups.contains(group) }

/// Whether a kind that configures the mesh has this plural.
package func isConfigurationPlural(_ plural: String) -> Bool { plurals.contains(plural) }

private let groups = Set(CustomResource.configuration.map(\.group))
private let plurals = Set(CustomResource.configuration.map(\.plural))

extension [Diagnostic] {
    /// Each once, in this order.
    fileprivate var uniqued: [Diagnostic] {
        var seen = Set<Diagnostic>()
        return filter { seen.insert($0).inserted }
    }
}
