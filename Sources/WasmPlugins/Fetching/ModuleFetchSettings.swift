package import AgentRuntime

/// How modules are fetched. The defaults are Istio's.
package struct ModuleFetchSettings: Hashable, Sendable {
    /// For one answer of a server.
    package var requestTimeout: Duration = .seconds(15)
    /// After the first try.
    package var retries = 5
    /// What to wait between tries.
    package var backoff = Backoff(initial: .milliseconds(500), maximum: .seconds(10))
    /// `host` or `host:port` of who need not prove to be who they are, nor speak TLS; `*`: everybody.
    package var insecureHosts: Set<String> = []
    /// The most that is taken from a server for one module.
    package var downloadBytes = 128 << 20
    /// The most that a module, and the archive that it comes in, may have.
    package var moduleBytes = 256 << 20
    /// So many are followed.
    package var redirects = 5
    /// Addresses of names that are not looked up.
    package var hosts: [String: String] = [:]
    /// Roots besides the system's, in PEM; nil: none.
    package var rootFile: String?

    /// Istio's defaults.
    package init() {}

    func trustsAnybody(at authority: String) -> Bool {
        if insecureHosts.isEmpty { return false }
        let host = authority.lastIndex(of: ":").map { String(authority[..<$0]) } ?? authority
        return insecureHosts.contains("*") || insecureHosts.contains(authority) || insecureHosts.contains(host)
    }
}
