import EnvoyAPI
import SwiftProtobuf

/// All that decides a virtual host: by which names it is asked for, and what becomes of requests.
package struct VirtualHostInput: Hashable, Sendable {
    package var name: String
    /// At least one; no other virtual host of the configuration has it.
    package var domains: [String]
    package var routes: [RouteInput]
    /// Requests without TLS are sent to the same place with it.
    package var requiresTLS: Bool
    /// The server is told how often a request has been tried.
    package var tellsAttempts: Bool

    package init(
        name: String, domains: [String], routes: [RouteInput], requiresTLS: Bool = false, tellsAttempts: Bool = true
    ) {
        self.name = name
        self.domains = domains
        self.routes = routes
        self.requiresTLS = requiresTLS
        self.tellsAttempts = tellsAttempts
    }
}

extension Envoy_Config_Route_V3_VirtualHost {
    init(_ input: VirtualHostInput) throws {
        self.init()
        name = input.name
        domains = input.domains
        includeRequestAttemptCount = input.tellsAttempts
        routes = try input.routes.map { try .init($0) }
        if input.requiresTLS { requireTls = .all }
    }
}
