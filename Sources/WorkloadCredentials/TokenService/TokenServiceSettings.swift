package import AgentRuntime
package import KubernetesModel

/// How tokens are exchanged.
package struct TokenServiceSettings: Hashable, Sendable {
    /// Google's, to which the plug-in of Istio's name goes.
    package static let googleURL = "https://sts.googleapis.com/v1/token"

    /// Of the loopback.
    package var host = "127.0.0.1"
    /// 0 takes a free one.
    package var port: Int
    /// Who gives the tokens.
    package var url = googleURL
    /// A file with the roots that the server's certificate may end at, in PEM; nil: the system's.
    package var rootFile: String?
    /// What TLS to who gives tokens is held to; nil: nothing beyond the usual.
    package var compliance: CompliancePolicy?
    /// For requests that name neither an audience nor a resource; nil: they are sent as they are.
    package var audience: String?
    /// For requests without a scope.
    package var scope: String?
    /// For one request, with all tries.
    package var timeout: Duration = .seconds(10)
    /// After the first try.
    package var retries = 2
    /// What to wait after a failure.
    package var backoff = Backoff(initial: .milliseconds(200), maximum: .seconds(2))
    /// So many tokens are kept.
    package var tokens = 64
    /// Addresses of names that are not looked up.
    package var hosts: [String: String] = [:]

    /// Exchanges with Google.
    package init(port: Int) { self.port = port }

    /// The request with what it leaves to the agent.
    func completed(_ request: TokenExchangeRequest) -> TokenExchangeRequest {
        var request = request
        if request.audiences.isEmpty, request.resources.isEmpty, let audience { request.audiences = [audience] }
        request.scope = request.scope ?? scope
        request.requestedTokenType = request.requestedTokenType ?? TokenExchangeRequest.accessTokenType
        return request
    }
}
