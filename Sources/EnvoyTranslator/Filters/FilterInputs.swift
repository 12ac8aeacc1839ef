import EnvoyAPI
package import MeshModel

/// All that decides one filter of requests.
package enum HTTPFilterInput: Hashable, Sendable {
    case accessControl(AccessControlInput)
    case externalAuthorization(ExternalAuthorizationInput)
    case tokenAuthentication(TokenAuthenticationInput)
    case hostLookup(HostLookup)
    case peerExchange(PeerExchange)
    case persistentSessions
    case proxyExtension(ProxyExtension)

    func message() throws -> HTTPFilter {
        switch self {
        case .accessControl(let input): try input.httpFilter()
        case .externalAuthorization(let input): try input.httpFilter()
        case .tokenAuthentication(let input): try input.httpFilter()
        case .hostLookup(let lookup): try lookup.httpFilter()
        case .peerExchange(let step): try step.httpFilter()
        case .persistentSessions: try PersistentSession.httpFilter()
        case .proxyExtension(let found): try found.httpFilter()
        }
    }
}

/// All that decides one filter of connections.
package enum NetworkFilterInput: Hashable, Sendable {
    case accessControl(AccessControlInput)
    case externalAuthorization(ExternalAuthorizationInput)
    case proxyExtension(ProxyExtension)

    func message() throws -> Envoy_Config_Listener_V3_Filter {
        switch self {
        case .accessControl(let input): try input.networkFilter()
        case .externalAuthorization(let input): try input.networkFilter()
        case .proxyExtension(let found): try found.networkFilter()
        }
    }
}
