internal import InstallationValues
internal import IstioAPI
internal import KubernetesModel

/// What values say about the part that several control planes of a cluster share.
struct BaseSettings: Hashable, Sendable {
    var definesKinds: Bool
    /// Names of definitions to leave out, such as `gateways.networking.istio.io`.
    var excludedDefinitions: Set<String>
    /// The revision that checks configuration which names none; empty for no such check.
    var defaultRevision: String
    /// Who checks configuration.
    var validation: WebhookServer
}

extension BaseSettings {
    init(reading values: inout ValuesReader) {
        definesKinds = values.bool("base.enableIstioConfigCRDs")
        let excluded = values.texts("base.excludedCRDs")
        excludedDefinitions = Set(excluded)
        defaultRevision = values.text("defaultRevision")
        validation = WebhookServer(
            url: values.text("base.validationURL"), path: "/validate",
            caBundle: values.text("base.validationCABundle"))
        let known = CustomResource.configuration.map(\.name)
        for (index, name) in excluded.enumerated() where !known.contains(name) {
            let hint = Spelling.nearest(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
            values.doubt("base.excludedCRDs[\(index)]", "\"\(name)\" is no definition of this project\(hint)")
        }
    }
}

extension CustomResource {
    /// The name of its definition.
    var name: String { "\(plural).\(group)" }
}
