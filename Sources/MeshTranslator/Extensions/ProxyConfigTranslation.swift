import IstioAPI
import KubernetesModel
import MeshModel

/// A ProxyConfig.
func proxyConfig(of object: ConfigurationObject, in settings: MeshSettings) -> Translated<ProxyRunSettings?> {
    let diagnostics = Schema.proxyConfigSpec.diagnostics(for: object.spec, at: "spec")
    guard !diagnostics.hasErrors else { return Translated(nil, diagnostics: diagnostics) }
    return Translated(
        ProxyRunSettings(
            origin: object.origin, selector: object.policySelector,
            concurrency: object.spec["concurrency"]?.integer.map { Int($0) },
            environment: (object.spec["environmentVariables"]?.object ?? [:]).compactMapValues(\.string),
            imageType: object.spec["image", "imageType"]?.string ?? ""),
        diagnostics: diagnostics)
}
