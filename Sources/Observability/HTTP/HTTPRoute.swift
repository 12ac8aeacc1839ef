/// What happens at one path.
package struct HTTPRoute: Sendable {
    /// The methods it answers; `GET` includes `HEAD`.
    package var methods: Set<String>
    /// Makes the reply. It runs in the connection's task and is cancelled with it.
    package var handler: @Sendable (HTTPRequestView) async -> HTTPReply

    /// A route.
    package init(
        methods: Set<String> = ["GET"], handler: @escaping @Sendable (HTTPRequestView) async -> HTTPReply
    ) {
        self.methods = methods.contains("GET") ? methods.union(["HEAD"]) : methods
        self.handler = handler
    }
}

/// The routes of one server, by exact path or, where there is none, by what a path begins with.
package struct HTTPRoutes: Sendable {
    private var routes: [String: HTTPRoute]
    private var prefixes: [String: HTTPRoute] = [:]

    /// Routes by path, such as `/metrics`.
    package init(_ routes: [String: HTTPRoute] = [:]) { self.routes = routes }

    /// The route at a path.
    package subscript(path: String) -> HTTPRoute? {
        get { routes[path] }
        set { routes[path] = newValue }
    }

    /// The route of all paths that begin with a prefix, such as `/inject/`, and have none of their own.
    package subscript(below prefix: String) -> HTTPRoute? {
        get { prefixes[prefix] }
        set { prefixes[prefix] = newValue }
    }

    /// These routes and `other`'s; at the same path `other`'s.
    package func merging(_ other: HTTPRoutes) -> HTTPRoutes {
        var merged = HTTPRoutes(routes.merging(other.routes) { _, new in new })
        merged.prefixes = prefixes.merging(other.prefixes) { _, new in new }
        return merged
    }

    /// The longest prefix wins.
    private func route(at path: String) -> HTTPRoute? {
        routes[path] ?? prefixes.filter { path.hasPrefix($0.key) }.max { $0.key.count < $1.key.count }?.value
    }

    /// The paths there are, sorted.
    package var paths: [String] { routes.keys.sorted() }

    /// These routes; those below a prefix only for requests that `refusal` says nothing against.
    package func guarded(
        below prefix: String, _ refusal: @escaping @Sendable (HTTPRequestView) async -> HTTPReply?
    ) -> HTTPRoutes {
        func guarded(_ routes: [String: HTTPRoute]) -> [String: HTTPRoute] {
            Dictionary(
                uniqueKeysWithValues: routes.map { path, route in
                    guard path == prefix || path.hasPrefix("\(prefix)/") else { return (path, route) }
                    let guarded = HTTPRoute(methods: route.methods) { request in
                        if let reply = await refusal(request) { return reply }
                        return await route.handler(request)
                    }
                    return (path, guarded)
                })
        }
        var result = HTTPRoutes(guarded(routes))
        result.prefixes = guarded(prefixes)
        return result
    }

    /// The reply to `request`: 404 lists nothing, 405 says in `Allow` what goes.
    package func reply(to request: HTTPRequestView) async -> HTTPReply {
        guard let route = route(at: request.path) else {
            return .text("nothing at \(request.path)\n", status: 404)
        }
        guard route.methods.contains(request.method) else {
            let allowed = route.methods.sorted().joined(separator: ", ")
            var reply = HTTPReply.text("\(request.path) answers \(allowed), not \(request.method)\n", status: 405)
            reply.headers = [HTTPReply.Header(name: "Allow", value: allowed)]
            return reply
        }
        return await route.handler(request)
    }
}
