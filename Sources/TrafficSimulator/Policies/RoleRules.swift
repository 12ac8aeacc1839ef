import EnvoyAPI

extension Envoy_Config_Rbac_V3_RBAC {
    /// What rules say of a call.
    struct Verdict: Hashable {
        /// Unknown, if it depends on what is not known here.
        var isAllowed: Truth
        /// The name of the policy that decided; nil if none did.
        var policy: String?
    }

    func verdict(on call: Call) -> Verdict {
        var undecided: String?
        for (name, policy) in policies.sorted(by: { $0.key < $1.key }) {
            switch policy.matches(call) {
            case .yes: return Verdict(isAllowed: Truth(action != .deny), policy: name)
            case .unknown: undecided = undecided ?? name
            case .no: break
            }
        }
        if let undecided, action != .log { return Verdict(isAllowed: .unknown, policy: undecided) }
        return Verdict(isAllowed: Truth(action != .allow), policy: nil)
    }
}

extension Envoy_Config_Rbac_V3_Policy {
    fileprivate func matches(_ call: Call) -> Truth {
        [permissions.map { $0.matches(call) }.any, principals.map { $0.matches(call) }.any].all
    }
}

extension Envoy_Config_Rbac_V3_Permission {
    fileprivate func matches(_ call: Call) -> Truth {
        switch rule {
        case .andRules(let set): return set.rules.map { $0.matches(call) }.all
        case .orRules(let set): return set.rules.map { $0.matches(call) }.any
        case .notRule(let other): return !other.matches(call)
        case .any(let isAny): return Truth(isAny)
        case .header(let header): return header.truth(for: call)
        case .destinationIp(let range): return range.truth(for: call.address)
        case .destinationPort(let port): return Truth(Int(port) == call.port)
        case .destinationPortRange(let range):
            return Truth(call.port >= Int(range.start) && call.port < Int(range.end))
        case .requestedServerName(let matcher): return Truth(matcher.matches(call.serverName))
        case .urlPath(let path): return path.truth(for: call)
        case .uriTemplate(let template):
            guard let template = PathTemplate(template) else { return .unknown }
            return call.content == .tcp ? .no : Truth(template.matches(call.pathOnly))
        case .metadata(let matcher): return matcher.matches(call)
        case .sourcedMetadata(let sourced): return sourced.metadataMatcher.matches(call)
        case .matcher, nil: return .unknown
        }
    }
}

extension Envoy_Config_Rbac_V3_Principal {
    fileprivate func matches(_ call: Call) -> Truth {
        switch identifier {
        case .andIds(let set): return set.ids.map { $0.matches(call) }.all
        case .orIds(let set): return set.ids.map { $0.matches(call) }.any
        case .notID(let other): return !other.matches(call)
        case .any(let isAny): return Truth(isAny)
        case .authenticated(let peer):
            guard call.security == .mtls else { return .no }
            return Truth(!peer.hasPrincipalName || peer.principalName.matches(call.sourceIdentity))
        case .sourceIp(let range), .directRemoteIp(let range), .remoteIp(let range):
            return call.sourceAddress.isEmpty ? .unknown : range.truth(for: call.sourceAddress)
        case .header(let header): return header.truth(for: call)
        case .urlPath(let path): return path.truth(for: call)
        case .metadata(let matcher): return matcher.matches(call)
        case .sourcedMetadata(let sourced): return sourced.metadataMatcher.matches(call)
        case .filterState(let state):
            guard state.key == "io.istio.peer_principal", case .stringMatch(let matcher)? = state.matcher else {
                return .unknown
            }
            return Truth(call.security == .mtls && matcher.matches(call.sourceIdentity))
        case .custom, nil: return .unknown
        }
    }
}

extension Envoy_Config_Route_V3_HeaderMatcher {
    /// A connection that is not HTTP has no headers.
    fileprivate func truth(for call: Call) -> Truth {
        if call.content == .tcp { return .no }
        return Truth(mismatch(call) == nil)
    }
}

extension Envoy_Type_Matcher_V3_PathMatcher {
    fileprivate func truth(for call: Call) -> Truth {
        guard call.content != .tcp, case .path(let matcher)? = rule else { return .no }
        return Truth(matcher.matches(call.pathOnly))
    }
}

extension Envoy_Config_Core_V3_CidrRange {
    fileprivate func truth(for address: String) -> Truth {
        guard let range = AddressRange(self), let address = IPAddress(address) else { return .unknown }
        return Truth(range.contains(address))
    }
}
