import EnvoyAPI
package import MeshModel
import SwiftProtobuf

/// All that decides one filter that holds requests or connections to policies.
package struct AccessControlInput: Hashable, Sendable {
    package enum Transport: Hashable, Sendable {
        case http
        case tcp
    }

    package enum Role: Hashable, Sendable {
        case audit
        case deny
        case allow
        /// Finds out what a provider has to be asked about: the filter behind this one asks.
        case ask(provider: String)
        /// Refuses what a provider should be asked about that cannot be.
        case refuse
    }

    package var role: Role
    package var transport: Transport
    /// All of the same action, and of those that ask, for the same provider.
    package var policies: [AuthorizationPolicy]
    package var domains: TrustDomains

    static let httpName = "envoy.filters.http.rbac"
    static let networkName = "envoy.filters.network.rbac"

    func httpFilter() throws -> HTTPFilter {
        let (rules, shadow) = try (enforced(), dryRun())
        return try .named(
            Self.httpName,
            Envoy_Extensions_Filters_Http_Rbac_V3_RBAC.with {
                if let rules { $0.rules = rules }
                if let shadow { $0.shadowRules = shadow }
                $0.shadowRulesStatPrefix = shadowPrefix
            })
    }

    func networkFilter() throws -> Envoy_Config_Listener_V3_Filter {
        let (rules, shadow) = try (enforced(), dryRun())
        return try .named(
            Self.networkName,
            Envoy_Extensions_Filters_Network_Rbac_V3_RBAC.with {
                if let rules { $0.rules = rules }
                if let shadow { $0.shadowRules = shadow }
                $0.shadowRulesStatPrefix = shadowPrefix
                $0.statPrefix = "tcp."
            })
    }

    private var action: Envoy_Config_Rbac_V3_RBAC.Action {
        switch role {
        case .allow: .allow
        case .audit: .log
        case .deny, .ask, .refuse: .deny
        }
    }

    private var asksFirst: Bool { if case .ask = role { true } else { false } }

    /// Those that count; nil if there are none, which is not the same as none that match.
    private func enforced() throws -> Envoy_Config_Rbac_V3_RBAC? {
        let enforced = policies.filter { !$0.isDryRun }
        return asksFirst || enforced.isEmpty ? nil : try message(enforced)
    }

    private func dryRun() throws -> Envoy_Config_Rbac_V3_RBAC? {
        let shadow = policies.filter { asksFirst || $0.isDryRun }
        return shadow.isEmpty ? nil : try message(shadow)
    }

    /// Names by which dashboards tell what would have been.
    private var shadowPrefix: String {
        switch role {
        case .ask: Self.askPrefix
        case .refuse: ""
        // What is only logged is not counted.
        case .audit where policies.contains(where: \.isDryRun): ""
        case .deny where policies.contains(where: \.isDryRun): "istio_dry_run_deny_"
        case .audit, .deny, .allow: "istio_dry_run_allow_"
        }
    }

    private func message(_ policies: [AuthorizationPolicy]) throws -> Envoy_Config_Rbac_V3_RBAC {
        try AccessRules(action: action, transport: transport, domains: domains).message(policies, name: name)
    }

    private func name(of policy: AuthorizationPolicy, rule: Int) -> String {
        let name = "ns[\(policy.origin.namespace)]-policy[\(policy.origin.name)]-rule[\(rule)]"
        guard case .custom(let provider) = policy.action else { return name }
        return "\(Self.askedName(provider))-\(name)" + (role == .refuse ? "-deny-due-to-bad-CUSTOM-action" : "")
    }

    static let askPrefix = "istio_ext_authz_"
    /// How names of policies begin that ask a provider.
    static func askedName(_ provider: String) -> String { "istio-ext-authz-\(provider)" }
}

extension Envoy_Type_Matcher_V3_MetadataMatcher {
    /// That the filter in front found a policy that asks a provider.
    init(asking provider: String, foundBy filter: String) {
        self.init(
            filter: filter, path: [AccessControlInput.askPrefix + "shadow_effective_policy_id"],
            value: .text(.prefix(AccessControlInput.askedName(provider))))
    }
}
