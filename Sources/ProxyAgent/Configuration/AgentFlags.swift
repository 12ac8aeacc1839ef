package import EnvoyBootstrap

/// The arguments of `pilot-agent proxy`.
package struct AgentFlags: Hashable, Sendable {
    package var role: ProxyRole
    /// In which short names are completed; nil: that of the Pod's namespace.
    package var domain: String?
    package var proxyLogLevel = "warning"
    package var proxyComponentLogLevel = "misc:error"
    /// Envoy's worker threads; nil: by ProxyConfig or the processor limit.
    package var concurrency: Int?
    package var meshConfigFile = "./etc/istio/config/mesh"
    package var templateFile: String?
    package var outlierLogPath: String?
    package var serviceCluster: String?
    package var logsAsJSON = false
    /// Where tokens are exchanged; nil or 0: nowhere.
    package var tokenServicePort: Int?
    /// Who exchanges them.
    package var tokenPlugin = "GoogleTokenExchange"

    package init(role: ProxyRole) { self.role = role }
}
