/// What a program shows of its inside, to whom, and how its port is secured for that.
package struct DebugSurface: Sendable {
    /// Below `/debug`.
    package var routes: HTTPRoutes
    /// Why a request for anything below `/debug` is refused; nil: it is not. Counts for the routes that every program
    /// has, too.
    package var refusal: @Sendable (HTTPRequestView) async -> HTTPReply?
    /// Of the port that metrics are read from.
    package var security: HTTPConnectionSecurity?

    package init(
        routes: HTTPRoutes, security: HTTPConnectionSecurity? = nil,
        refusal: @escaping @Sendable (HTTPRequestView) async -> HTTPReply?
    ) {
        self.routes = routes
        self.security = security
        self.refusal = refusal
    }
}
