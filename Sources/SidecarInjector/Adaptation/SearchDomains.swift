import GoTemplate
import KubernetesModel

/// A domain of `values.global.podDNSSearchNamespaces`, which may be a template.
enum SearchDomain: Sendable {
    case name(String)
    case template(GoTemplate)

    init(_ text: String) throws(TemplateError) {
        self = text.contains("{{") ? .template(try GoTemplate(parsing: text)) : .name(text)
    }
}

extension AdaptedPod {
    /// Adds the domains that names are looked up in.
    mutating func addSearchDomains(_ context: TemplateContext) throws(InjectionError) {
        guard !context.settings.searchDomains.isEmpty else { return }
        var configuration = spec["dnsConfig"] ?? [:]
        var searches = configuration["searches"]?.array ?? []
        for domain in try context.searchDomains() where !searches.contains(.string(domain)) {
            searches.append(.string(domain))
        }
        configuration["searches"] = .array(searches)
        spec["dnsConfig"] = configuration
    }
}

extension TemplateContext {
    fileprivate func searchDomains() throws(InjectionError) -> [String] {
        var names: [String] = []
        for domain in settings.searchDomains {
            switch domain {
            case .name(let name): names.append(name)
            case .template(let template):
                do {
                    names.append(try template.render(with: templateData))
                } catch {
                    let path = "values.global.podDNSSearchNamespaces"
                    throw InjectionError(diagnostics: [Diagnostic(path: path, message: "\(error)")])
                }
            }
        }
        return names
    }
}
