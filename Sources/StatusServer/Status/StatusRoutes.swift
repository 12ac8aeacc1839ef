package import KubernetesModel
package import Observability

/// What the agent answers on 15020.
package struct AgentStatus: Sendable {
    /// Why the proxy cannot serve; nil: it can.
    package var problem: @Sendable () async -> String?
    /// The Pod's page.
    package var metrics: MergedMetrics
    /// What the kubelet asks for instead of the application.
    package var probes = AppProbes()
    /// Nil: the application has not said how it is asked.
    package var leader: LeaderProbe?
    /// The names that are answered here, as JSON; nil: none are.
    package var names: (@Sendable () -> JSONValue)?
    /// Begins to drain.
    package var drain: @Sendable () async throws -> Void
    /// Ends the agent, gracefully.
    package var quit: @Sendable () -> Void

    /// Without probes, leader and names: these are set where there are some.
    package init(
        problem: @escaping @Sendable () async -> String?, metrics: MergedMetrics,
        drain: @escaping @Sendable () async throws -> Void, quit: @escaping @Sendable () -> Void
    ) {
        self.problem = problem
        self.metrics = metrics
        self.drain = drain
        self.quit = quit
    }

    /// The routes of all of it.
    package var routes: HTTPRoutes {
        var routes = HTTPRoutes([
            "/healthz/ready": HTTPRoute { _ in
                guard let problem = await problem() else { return .text("ready\n") }
                return .text("not ready: \(problem)\n", status: 503)
            },
            "/stats/prometheus": HTTPRoute { await metrics.page(for: $0) },
            "/metrics": HTTPRoute { await metrics.page(for: $0) },
            "/stats/envoy": HTTPRoute { await metrics.envoyPage(query: $0.query) },
            "/quitquitquit": ownOnly { _ in
                quit()
                return .text("ending\n")
            },
            "/drain": ownOnly { _ in
                do {
                    try await drain()
                    return .text("draining\n")
                } catch {
                    return .text("cannot drain: \(error)\n", status: 500)
                }
            },
        ])
        for (path, probe) in probes.byPath {
            routes[path] = HTTPRoute { await probe.reply(to: $0, at: metrics.target) }
        }
        if let leader { routes["/role"] = HTTPRoute { _ in await leader.reply() } }
        if let names {
            routes["/debug/ndsz"] = HTTPRoute { _ in
                .text(names().prettyJSONText + "\n", contentType: "application/json")
            }
        }
        return routes
    }

    /// A route that only this Pod may ask for: it changes something.
    private func ownOnly(_ handler: @escaping @Sendable (HTTPRequestView) async -> HTTPReply) -> HTTPRoute {
        HTTPRoute(methods: ["POST"]) { request in
            // From the last two the proxy hands on what others sent to this Pod.
            guard request.isFromLoopback, !["127.0.0.6", "::6"].contains(request.remoteAddress) else {
                return .text("\(request.path) is for the Pod itself: ask from one of its containers\n", status: 403)
            }
            return await handler(request)
        }
    }
}
