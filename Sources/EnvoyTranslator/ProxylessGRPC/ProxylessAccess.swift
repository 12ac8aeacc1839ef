import EnvoyAPI
package import MeshModel
import SwiftProtobuf

/// The policies that a gRPC server holds calls to by itself.
///
/// It allows and denies by what it sees: the peer's certificate and address, methods and headers. It logs nothing, asks
/// nobody and verifies no tokens. So policies that ask a provider refuse what they are about, and a rule on what the server
/// cannot look at never allows, while one that denies goes by the rest.
package struct ProxylessAccess: Hashable, Sendable {
    /// In the order in which they count.
    package var inputs: [AccessControlInput]

    package init(_ policies: [AuthorizationPolicy], domains: TrustDomains) {
        let enforced = policies.filter { !$0.isDryRun }
        let roles: [(AccessControlInput.Role, (AuthorizationPolicy.Action) -> Bool)] = [
            (.refuse, { if case .custom = $0 { true } else { false } }), (.deny, { $0 == .deny }),
            (.allow, { $0 == .allow }),
        ]
        inputs = roles.compactMap { role, isOfRole in
            let own = enforced.filter { isOfRole($0.action) }.map(\.understoodByServers)
            return own.isEmpty
                ? nil : AccessControlInput(role: role, transport: .http, policies: own, domains: domains)
        }
    }

    /// Each with a name of its own: servers refuse two of one name.
    func filters() throws -> [HTTPFilter] {
        try inputs.map { input in
            var filter = try input.httpFilter()
            filter.name += input.role == .allow ? ".ALLOW" : input.role == .deny ? ".DENY" : ".CUSTOM"
            return filter
        }
    }
}

extension MeshSnapshot {
    /// What a gRPC server without a proxy holds calls to.
    func proxylessAccess(for view: ProxyView) -> ProxylessAccess {
        ProxylessAccess(
            authorizationPolicies(for: view),
            domains: TrustDomains(settings.trustDomain, aliases: settings.trustDomainAliases))
    }
}

extension AuthorizationPolicy {
    /// Without what would make a server refuse the whole listener.
    fileprivate var understoodByServers: AuthorizationPolicy {
        var policy = self
        policy.rules = rules.compactMap { rule in
            var kept = rule
            kept.operations = rule.operations.map { $0.filter(\.isUnderstoodByServers) }
            kept.conditions = rule.conditions.filter(\.isUnderstoodByServers)
            return action == .allow && kept != rule ? nil : kept
        }
        return policy
    }
}

extension AuthorizationMatch {
    fileprivate var isUnderstoodByServers: Bool {
        switch attribute {
        case .path: !(values + notValues).contains { $0.contains("{") }
        // Headers of the protocol itself are hidden from policies.
        case .header(let name): !name.hasPrefix(":") && !name.lowercased().hasPrefix("grpc-")
        default: true
        }
    }
}
