import Logging
import ServiceLifecycle

@testable import Observability

/// Runs a server on a free loopback port for the time of `body`, then shuts it down gracefully.
func withServer(
    _ routes: HTTPRoutes, limits: HTTPLimits = HTTPLimits(),
    body: (_ port: Int, _ shutDown: @escaping @Sendable () async -> Void) async throws -> Void
) async throws {
    let server = HTTPEndpoints(host: "127.0.0.1", port: 0, routes: routes, limits: limits, logger: silent)
    let services = ServiceGroup(services: [server], logger: silent)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await services.run() }
        try await body(await server.boundPort) { await services.triggerGracefulShutdown() }
        await services.triggerGracefulShutdown()
        try await group.waitForAll()
    }
}

/// Routes for tests: `/hello` greets, `/echo` repeats the body.
let plainRoutes = HTTPRoutes([
    "/hello": HTTPRoute { request in .text("hello \(request.queryValue("name") ?? "you")\n") },
    "/echo": HTTPRoute(methods: ["POST"]) { request in
        HTTPReply(status: 200, contentType: "application/octet-stream", body: request.body)
    },
])
