import EnvoyAPI
import MeshModel
import SwiftProtobuf

/// What a policy's rules become, where requests are looked at or where only connections are.
struct AccessRules {
    var action: Envoy_Config_Rbac_V3_RBAC.Action
    var transport: AccessControlInput.Transport
    var domains: TrustDomains

    /// The rules of some policies, by name.
    func message(
        _ policies: [AuthorizationPolicy], name: (AuthorizationPolicy, Int) -> String
    ) throws -> Envoy_Config_Rbac_V3_RBAC {
        try .with {
            $0.action = action
            for policy in policies {
                // It is there all the same: a policy without rules is a policy.
                if policy.rules.isEmpty { $0.policies[name(policy, 0)] = .never }
                for (index, rule) in policy.rules.enumerated() {
                    $0.policies[name(policy, index)] = try message(rule)
                }
            }
        }
    }

    /// Nil for a rule that cannot be held to.
    ///
    /// Of a rule that lets pass, all has to be understood. Of others, what is not understood is left out: they refuse
    /// more, rather than less.
    private func message(_ rule: AuthorizationRule) throws -> Envoy_Config_Rbac_V3_Policy? {
        var isComplete = true
        let permissions = try (rule.operations.isEmpty ? [[]] : rule.operations).map { matches in
            let all = matches + rule.conditions.filter(\.attribute.isPermission)
            return Permission.all(
                of: try all.flatMap { match in
                    try terms(match, &isComplete) {
                        try Permission(match.attribute, anyOf: $0)
                    } not: {
                        .not($0)
                    }
                })
        }
        let principals = try (rule.sources.isEmpty ? [[]] : rule.sources).map { matches in
            let all = matches + rule.conditions.filter { !$0.attribute.isPermission }
            return Principal.all(
                of: try all.flatMap { match in
                    try terms(match, &isComplete) {
                        Principal(match.attribute, anyOf: $0, in: domains)
                    } not: {
                        .not($0)
                    }
                })
        }
        if action == .allow, !isComplete { return nil }
        return .with {
            $0.permissions = permissions
            $0.principals = principals
        }
    }

    /// What must hold of one attribute: it is one of some values, and none of others.
    private func terms<Term>(
        _ match: AuthorizationMatch, _ isComplete: inout Bool, _ term: ([String]) throws -> Term?,
        not: (Term) -> Term
    ) throws -> [Term] {
        if transport == .tcp, match.attribute.isOfRequests {
            isComplete = false
            return []
        }
        var terms: [Term] = []
        if !match.values.isEmpty {
            if let one = try term(match.values) { terms.append(one) } else { isComplete = false }
        }
        if !match.notValues.isEmpty {
            if let one = try term(match.notValues) { terms.append(not(one)) } else { isComplete = false }
        }
        return terms
    }
}

extension Envoy_Config_Rbac_V3_Policy {
    /// Matches nothing.
    fileprivate static let never: Self = .with {
        $0.permissions = [.not(.everything)]
        $0.principals = [.not(.anybody)]
    }
}
