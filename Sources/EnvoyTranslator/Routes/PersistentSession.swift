import EnvoyAPI
import MeshModel
import SwiftProtobuf

/// Requests of a client that has been served go to the same endpoint, for as long as that is there.
package enum PersistentSession: Hashable, Sendable {
    /// The client is given a cookie that names its endpoint.
    case cookie(name: String, path: String)
    /// Responses name the endpoint in a header, and requests with that header go there.
    case header(name: String)

    /// As a service asks for by its labels.
    init?(_ service: MeshService) {
        if let name = service.labels["istio.io/persistent-session-header"], !name.isEmpty {
            self = .header(name: name)
        } else if let cookie = service.labels["istio.io/persistent-session"], !cookie.isEmpty {
            let parts = cookie.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard !parts[0].isEmpty else { return nil }
            let path = parts.count == 2 ? parts[1] : ""
            self = .cookie(name: parts[0], path: path.isEmpty ? "/" : path)
        } else {
            return nil
        }
    }

    /// The filter that looks at routes for sessions.
    static func httpFilter() throws -> HTTPFilter {
        try .named(
            RouteFilterNames.session, Envoy_Extensions_Filters_Http_StatefulSession_V3_StatefulSession())
    }

    /// What a route says to the filter.
    func message() throws -> Envoy_Extensions_Filters_Http_StatefulSession_V3_StatefulSessionPerRoute {
        try .with {
            switch self {
            case .cookie(let name, let path):
                $0.statefulSession.sessionState.name = "envoy.http.stateful_session.cookie"
                $0.statefulSession.sessionState.typedConfig = try .init(
                    packing: Envoy_Extensions_Http_StatefulSession_Cookie_V3_CookieBasedSessionState.with {
                        $0.cookie.name = name
                        $0.cookie.path = path
                        $0.cookie.ttl = .init(.seconds(120))
                    })
            case .header(let name):
                $0.statefulSession.sessionState.name = "envoy.http.stateful_session.header"
                $0.statefulSession.sessionState.typedConfig = try .init(
                    packing: Envoy_Extensions_Http_StatefulSession_Header_V3_HeaderBasedSessionState.with {
                        $0.name = name
                    })
            }
        }
    }
}

extension MeshService {
    /// Calls of a client that has been served go to the same endpoint, even while that ends.
    var keepsSessions: Bool { PersistentSession(self) != nil }
}
