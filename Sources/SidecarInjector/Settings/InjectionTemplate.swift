import GoTemplate
import IstioAPI

/// The templates that come with the injector.
enum BuiltInTemplate: String, Sendable, CaseIterable {
    case sidecar, gateway
    case proxylessGRPC = "grpc-simple"
    case agentForGRPC = "grpc-agent"
}

/// What a name in `inject.istio.io/templates` stands for.
enum InjectionTemplate: Sendable {
    /// A function of this program.
    case builtIn(BuiltInTemplate)
    /// A person's own.
    case text(GoTemplate)

    /// A template of the ConfigMap: the function if the text is the built-in one, unchanged since it was rendered.
    init(named name: String, text: String) throws(TemplateError) {
        if let builtIn = BuiltInTemplate(rawValue: name), isUnchangedBuiltInTemplate(text, named: name) {
            self = .builtIn(builtIn)
        } else {
            self = .text(try GoTemplate(parsing: text))
        }
    }
}
