import EnvoyBootstrap
package import WorkloadCredentials

extension AgentConfiguration {
    /// How tokens are exchanged; nil: nobody asked for that.
    ///
    /// | variable | what it says |
    /// |---|---|
    /// | `TOKEN_EXCHANGE_URL` | who gives tokens, instead of Google |
    /// | `TOKEN_EXCHANGE_ROOT_CA` | a file with the roots of that server's certificate, instead of the system's |
    /// | `TOKEN_EXCHANGE_AUDIENCE` | for requests without an audience |
    /// | `GKE_CLUSTER_URL` or `GCP_METADATA` | the cluster that issues the Pod's tokens, of which Google's audience is made |
    package var tokenServiceSettings: TokenServiceSettings? {
        get throws(TokenServiceProblem) {
            guard let port = flags.tokenServicePort, port != 0 else { return nil }
            guard 1...65535 ~= port else { throw TokenServiceProblem("--stsPort \(port) is no port") }
            guard flags.tokenPlugin == "GoogleTokenExchange" else {
                throw TokenServiceProblem(
                    "--tokenManagerPlugin \(flags.tokenPlugin) is not known: GoogleTokenExchange is, which "
                        + "TOKEN_EXCHANGE_URL sends to other servers than Google's")
            }
            var settings = TokenServiceSettings(port: port)
            settings.host = families.loopback
            settings.compliance = compliance
            if let url = variable("TOKEN_EXCHANGE_URL") {
                guard url.hasPrefix("https://"), url.count > 8 else {
                    throw TokenServiceProblem("TOKEN_EXCHANGE_URL \(url) does not begin with https://")
                }
                settings.url = url
            } else {
                settings.scope = "https://www.googleapis.com/auth/cloud-platform"
            }
            settings.rootFile = variable("TOKEN_EXCHANGE_ROOT_CA")
            settings.audience =
                variable("TOKEN_EXCHANGE_AUDIENCE")
                ?? googleClusterURL.map { "identitynamespace:\(trustDomain):\($0)" }
            return settings
        }
    }

    /// The cluster as Google names the issuer of its tokens.
    private var googleClusterURL: String? {
        if let url = variable("GKE_CLUSTER_URL") { return url }
        let parts = (variable("GCP_METADATA") ?? "").split(separator: "|", omittingEmptySubsequences: false)
        guard parts.count == 4, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        return "https://container.googleapis.com/v1/projects/\(parts[0])/locations/\(parts[3])/clusters/\(parts[2])"
    }
}

/// Tokens cannot be exchanged as the agent was told to.
package struct TokenServiceProblem: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String

    init(_ description: String) { self.description = description }
}
