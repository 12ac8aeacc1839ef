import AdmissionWebhook
import KubernetesModel
import Logging
import MeshTranslator
import SidecarInjector
import Synchronization

/// What decides how Pods get their sidecars now: the injector's ConfigMap, the mesh's settings, ProxyConfigs.
///
/// What cannot be read changes nothing: the last good settings stay.
final class InjectionSource: Sendable {
    private struct State {
        var config: String?
        var values: String?
        var meshConfig: String?
        var kubernetesMinor: Int?
        var proxyConfigs: [ObjectKey: ConfigurationObject] = [:]
        /// By namespace.
        var accounts: [String: ProxyAccount] = [:]
        var settings: InjectionSettings?
        /// Why there are none, or why they are not those of the ConfigMap.
        var problem: String?
    }

    private let configuration: ControlPlaneConfiguration
    private let logger: Logger
    private let state = Mutex(State())

    init(_ configuration: ControlPlaneConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Takes the injector's ConfigMap; nil: it is gone.
    func use(_ data: [String: String]?) {
        update { state in
            guard let data else { return false }  // Pods go on getting what they got
            defer { (state.config, state.values) = (data["config"], data["values"]) }
            return state.config != data["config"] || state.values != data["values"]
        }
    }

    /// Takes the version of nodes.
    func use(kubernetesMinor: Int) {
        update { state in
            defer { state.kubernetesMinor = kubernetesMinor }
            return state.kubernetesMinor != kubernetesMinor
        }
    }

    /// Takes whom proxies of a namespace run as; nil: whom they run as everywhere.
    func use(_ account: ProxyAccount?, namespace: String) {
        state.withLock { $0.accounts[namespace] = account }
    }

    /// Takes what of the mesh's changes is about sidecars.
    func use(_ changes: [ObjectChange]) {
        update { state in
            var isNew = false
            for change in changes {
                switch change {
                case .meshConfig(let text):
                    isNew = isNew || state.meshConfig != text
                    state.meshConfig = text
                case .configuration(let reference, let object) where reference.groupKind == Self.proxyConfig:
                    state.proxyConfigs[reference.key] = object
                default: break
                }
            }
            return isNew
        }
    }

    private static let proxyConfig = GroupKind(group: "networking.istio.io", kind: "ProxyConfig")

    /// - Parameter change: Returns whether the settings have to be made anew.
    private func update(_ change: (inout State) -> Bool) {
        let problem = state.withLock { state -> String? in
            guard change(&state), let config = state.config else { return nil }
            do {
                state.settings = try settings(state, config)
                state.problem = nil
            } catch {
                state.problem = "\(error)"
            }
            return state.problem
        }
        if let problem {
            logger.error(
                "Injection goes on with the last good settings, for the new ones cannot be used",
                metadata: ["configMap": "\(configuration.injectorConfig)", "error": "\(problem)"])
        }
    }

    private func settings(_ state: State, _ config: String) throws -> InjectionSettings {
        let meshConfig = try JSONValue.documents(yaml: state.meshConfig ?? "").first ?? [:]
        return try InjectionSettings(
            config: config, values: state.values ?? "", meshConfig: meshConfig.object == nil ? [:] : meshConfig,
            facts: InjectionFacts(
                revision: configuration.revision, kubernetesMinor: state.kubernetesMinor,
                environment: configuration.environment))
    }

    /// The templates of the settings that count, by name; nil: there are no settings.
    var templates: [String: String]? {
        guard let config = state.withLock({ $0.settings == nil ? nil : $0.config }),
            let templates = (try? JSONValue.documents(yaml: config))?.first?["templates"]?.object
        else { return nil }
        return templates.compactMapValues(\.string)
    }

    /// What becomes of a Pod.
    func answer(to call: InjectionCall) -> InjectionAnswer {
        let (settings, problem, proxyConfigs, account) = state.withLock {
            ($0.settings, $0.problem, $0.proxyConfigs, $0.accounts[call.namespace])
        }
        guard let settings else {
            let why = problem.map { "cannot be used: \($0)" } ?? "is not there yet"
            return .failed(message: "cannot inject a sidecar: ConfigMap \(configuration.injectorConfig) \(why)")
        }
        var request = InjectionRequest(pod: call.pod, namespace: call.namespace)
        request.proxyEnvironment = call.environment
        request.account = account
        request.proxyConfigs = specs(proxyConfigs, of: call)
        do throws(InjectionError) {
            switch try injection(of: request, with: settings) {
            case .skipped: return .skipped
            case .injected(let pod, let warnings):
                return .injected(patch: jsonPatch(from: call.pod, to: pod), warnings: warnings)
            }
        } catch {
            return .failed(message: "cannot inject a sidecar: \(error)")
        }
    }

    /// Those of the mesh, of its namespace, of the Pod itself; of several of one width the oldest counts.
    private func specs(_ all: [ObjectKey: ConfigurationObject], of call: InjectionCall) -> [JSONValue] {
        guard !all.isEmpty else { return [] }
        let labels = call.pod["metadata", "labels"]?.object ?? [:]
        func oldest(_ namespace: String, _ fits: ([String: JSONValue]) -> Bool) -> JSONValue? {
            all.values.filter {
                $0.metadata.namespace == namespace && fits($0.spec["selector", "matchLabels"]?.object ?? [:])
            }.min {
                ($0.metadata.creationTimestamp, $0.metadata.name) < ($1.metadata.creationTimestamp, $1.metadata.name)
            }?.spec
        }
        let wide = [configuration.namespace, call.namespace].compactMap { namespace in
            oldest(namespace) { $0.isEmpty }
        }
        let own = oldest(call.namespace) { selector in
            !selector.isEmpty && selector.allSatisfy { labels[$0.key] == $0.value }
        }
        let isRoot = call.namespace == configuration.namespace
        return (isRoot ? Array(wide.prefix(1)) : wide) + [own].compactMap(\.self)
    }
}
