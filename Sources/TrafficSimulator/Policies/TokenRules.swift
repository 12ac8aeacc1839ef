import EnvoyAPI
import KubernetesModel

extension Envoy_Extensions_Filters_Http_JwtAuthn_V3_JwtAuthentication {
    /// What the first rule that matches asks for. Signatures count as checked, dates are not looked at.
    func verdict(named name: String, on call: Call) -> PolicyVerdict {
        guard let rule = rules.first(where: { $0.match.mismatch(call, policy: .envoy) == nil }) else { return .silent }
        let requirement: Envoy_Extensions_Filters_Http_JwtAuthn_V3_JwtRequirement
        switch rule.requirementType {
        case .requires(let own)?: requirement = own
        case .requirementName(let name)?: requirement = requirementMap[name] ?? .init()
        case nil: return .silent
        }
        let issuers = providers.mapValues(\.issuer)
        guard requirement.isMet(by: call, issuers: issuers) else {
            let words =
                call.claims == nil
                ? "a token is needed, and there is none" : "the token is of no issuer that is trusted"
            return PolicyVerdict(
                refusal: .answered(status: 401, detail: words), step: SimulationStep(.policy, name, words))
        }
        let words =
            call.claims == nil ? "there is no token, and none is needed" : "the token counts, if its signature is right"
        return PolicyVerdict(step: SimulationStep(.policy, name, words))
    }
}

extension Envoy_Extensions_Filters_Http_JwtAuthn_V3_JwtRequirement {
    /// - Parameter issuers: By the name of the provider; an empty one is any.
    fileprivate func isMet(by call: Call, issuers: [String: String]) -> Bool {
        func isOf(_ provider: String) -> Bool {
            guard let claims = call.claims, let issuer = issuers[provider] else { return false }
            return issuer.isEmpty || claims["iss"]?.string == issuer
        }
        switch requiresType {
        case .providerName(let name): return isOf(name)
        case .providerAndAudiences(let both):
            let audiences = call.claims?["aud"]
            let own = audiences?.array?.compactMap(\.string) ?? audiences?.string.map { [$0] } ?? []
            return isOf(both.providerName) && (both.audiences.isEmpty || both.audiences.contains(where: own.contains))
        case .requiresAny(let list): return list.requirements.contains { $0.isMet(by: call, issuers: issuers) }
        case .requiresAll(let list): return list.requirements.allSatisfy { $0.isMet(by: call, issuers: issuers) }
        case .allowMissingOrFailed, nil: return true
        case .allowMissing: return call.claims == nil
        }
    }
}
