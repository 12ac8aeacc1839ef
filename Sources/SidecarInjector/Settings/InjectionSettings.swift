import GoTemplate
package import KubernetesModel
import YAML

/// Everything that decides an injection besides the Pod: read once from the ConfigMaps, then used for every Pod.
package struct InjectionSettings: Sendable {
    /// Whether Pods that say nothing get a sidecar.
    enum Policy: String, Sendable {
        case enabled, disabled
        case off
    }

    var policy: Policy
    var defaultTemplates: [String]
    var aliases: [String: [String]]
    var neverInject: [LabelSelector]
    var alwaysInject: [LabelSelector]
    var injectedAnnotations: [String: String]
    var templates: [String: InjectionTemplate]
    var values: InjectionValues
    var searchDomains: [SearchDomain]
    var mesh: InjectionMesh
    var facts: InjectionFacts

    /// - Parameters:
    ///   - config: The key `config` of the injector's ConfigMap, as YAML.
    ///   - values: Its key `values`, as JSON.
    ///   - meshConfig: The MeshConfig; what it leaves out has Istio's defaults.
    ///   - facts: What is known besides.
    /// - Throws: All that cannot be read or understood.
    package init(
        config: String, values: String, meshConfig: JSONValue, facts: InjectionFacts = InjectionFacts()
    ) throws(InjectionError) {
        var faults: [Diagnostic] = []
        let config = InjectionSettings.document(config, "config", &faults)
        let json = InjectionSettings.document(values, "values", &faults)
        policy = Policy(rawValue: config["policy"]?.string ?? Policy.enabled.rawValue) ?? .off
        defaultTemplates = config["defaultTemplates"]?.strings ?? []
        if defaultTemplates.isEmpty { defaultTemplates = [BuiltInTemplate.sidecar.rawValue] }
        aliases = (config["aliases"]?.object ?? [:]).mapValues { $0.strings ?? [] }
        neverInject = InjectionSettings.selectors(config, "neverInjectSelector", &faults)
        alwaysInject = InjectionSettings.selectors(config, "alwaysInjectSelector", &faults)
        injectedAnnotations = (config["injectedAnnotations"]?.object ?? [:]).compactMapValues(\.string)
        templates = InjectionSettings.templates(config["templates"], &faults)
        self.values = InjectionValues(json)
        searchDomains = InjectionSettings.searchDomains(json, &faults)
        mesh = InjectionMesh(meshConfig)
        self.facts = facts
        do throws(UnknownCompliancePolicy) { _ = try CompliancePolicy(environment: facts.environment) } catch {
            faults.append(Diagnostic(path: "", message: "\(error)"))
        }
        guard faults.isEmpty else { throw InjectionError(diagnostics: faults) }
    }

    /// The same for whoever injects by hand, and need not be asked whether Pods that say nothing get a sidecar.
    package var byHand: InjectionSettings {
        var settings = self
        settings.policy = .enabled
        return settings
    }

    private static func document(_ text: String, _ key: String, _ faults: inout [Diagnostic]) -> JSONValue {
        do {
            let documents = try JSONValue.documents(yaml: text)
            guard documents.count < 2, documents.first?.object != nil || documents.first?.isNull ?? true else {
                faults.append(Diagnostic(path: key, message: "one map is expected"))
                return [:]
            }
            return documents.first ?? [:]
        } catch {
            faults.append(Diagnostic(path: key, message: "not YAML: \(error)"))
            return [:]
        }
    }

    private static func selectors(
        _ config: JSONValue, _ field: String, _ faults: inout [Diagnostic]
    ) -> [LabelSelector] {
        (config[field]?.array ?? []).enumerated().compactMap { index, json in
            guard let selector = LabelSelector(json) else {
                let message = "not a label selector: give matchLabels, or matchExpressions with In, NotIn, Exists "
                faults.append(
                    Diagnostic(path: "config.\(field)[\(index)]", message: message + "or DoesNotExist"))
                return nil
            }
            // A selector without requirements is no wish to select everything.
            return selector.requirements.isEmpty ? nil : selector
        }
    }

    private static func searchDomains(_ values: JSONValue, _ faults: inout [Diagnostic]) -> [SearchDomain] {
        let written = values["global"]?["podDNSSearchNamespaces"]?.strings ?? []
        return written.enumerated().compactMap { index, text in
            do throws(TemplateError) {
                return try SearchDomain(text)
            } catch {
                let path = "values.global.podDNSSearchNamespaces[\(index)]"
                faults.append(Diagnostic(path: path, message: "\(error)"))
                return nil
            }
        }
    }

    private static func templates(
        _ written: JSONValue?, _ faults: inout [Diagnostic]
    ) -> [String: InjectionTemplate] {
        var templates: [String: InjectionTemplate] = [:]
        for builtIn in BuiltInTemplate.allCases { templates[builtIn.rawValue] = .builtIn(builtIn) }
        for (name, json) in written?.object ?? [:] {
            let text = json.string ?? ""
            do throws(TemplateError) {
                templates[name] = try InjectionTemplate(named: name, text: text)
            } catch {
                faults.append(Diagnostic(path: "config.templates.\(name)", message: "\(error)"))
            }
        }
        return templates
    }
}

extension JSONValue {
    /// The texts of a list.
    var strings: [String]? { array?.compactMap(\.string) }
}
