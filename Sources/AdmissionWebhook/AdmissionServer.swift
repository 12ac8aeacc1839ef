package import Logging
package import Observability
import ServiceLifecycle

/// The server of webhooks, on 15017.
///
/// ```
///  POST /inject, /inject/cluster/C/net/N, /inject/:ENV:NAME=VALUE ─► injector
///  POST /validate                                                ─► validator
///  GET  /ready                                                    200 as soon as it answers
/// ```
package struct AdmissionServer: Service {
    private let endpoints: HTTPEndpoints

    /// - Parameters:
    ///   - address: Where it listens; port 0 takes a free one.
    ///   - security: TLS, which API servers insist on.
    package init(
        _ address: ListenAddress, injector: any AdmissionJudging, validator: any AdmissionJudging,
        security: HTTPConnectionSecurity?, logger: Logger
    ) {
        var limits = HTTPLimits()
        limits.connections = 512
        limits.bodyBytes = Self.bodyBytes
        // API servers keep connections for 90 s: they are to be the first to close one, or a call gets lost.
        limits.idleTime = .seconds(300)
        var routes = HTTPRoutes(["/ready": HTTPRoute { _ in .text("ok\n") }])
        let injection = HTTPRoute.admission(injector, below: "/inject")
        routes["/inject"] = injection
        routes[below: "/inject/"] = injection
        routes["/validate"] = .admission(validator, below: "/validate")
        endpoints = HTTPEndpoints(
            host: address.host, port: address.port, routes: routes, limits: limits, security: security, logger: logger)
    }

    /// An object has 1.5 MB at most where it is stored, as JSON more, and comes twice when it is changed.
    private static let bodyBytes = 8 << 20

    /// The port it listens on, as soon as it does.
    package var boundPort: Int { get async throws { try await endpoints.boundPort } }

    package func run() async throws { try await endpoints.run() }
}
