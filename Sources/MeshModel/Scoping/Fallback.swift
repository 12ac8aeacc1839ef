/// What becomes of a call that nothing else is there for.
package enum OutboundFallback: Hashable, Sendable {
    /// It goes where it was sent.
    case passthrough
    /// Requests go to the host that they name; all else where it was sent.
    case dynamicDNS
    /// It ends; requests are answered with 502.
    case block
    /// It goes to a port of a service, whatever it was sent to.
    case proxy(OutboundTrafficPolicy.EgressProxy)
}

extension MeshSettings {
    /// What becomes of a scope's calls that nothing else is there for.
    package func fallback(in scope: OutboundScope) -> OutboundFallback {
        if let proxy = scope.outboundPolicy?.egressProxy { return .proxy(proxy) }
        return switch scope.outboundPolicy?.mode ?? outboundPolicy {
        case .allowAny: .passthrough
        case .allowAnyDynamicDNS: .dynamicDNS
        case .registryOnly: .block
        }
    }
}
