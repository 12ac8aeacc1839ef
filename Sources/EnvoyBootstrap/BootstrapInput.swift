package import KubernetesModel

/// All that a bootstrap is made from.
package struct BootstrapInput: Hashable, Sendable {
    package var node: NodeDescription
    package var settings: ProxySettings
    /// The Pod's: which statistics are kept, and how they are counted.
    package var annotations: [String: String]
    /// Which addresses the Pod has.
    package var families: LocalFamilies
    /// The agent's sockets: xDS, and the workload's certificates.
    package var discoverySocket = "./etc/istio/proxy/XDS"
    package var secretSocket = "./var/run/secrets/workload-spiffe-uds/socket"
    /// The agent's socket for certificates in files, where the other one is another program's; nil: it is the same.
    package var fileSecretSocket: String?
    /// Another program's socket for the credentials of gateways; nil: there is none.
    package var credentialSocket: String?
    /// The agent's socket for the log of connections; nil: it counts none.
    package var connectionLogSocket: String?
    package var prometheusPort = 15090
    package var healthPort = 15021
    /// Ask for changes (delta) instead of everything (state of the world).
    package var usesDeltaDiscovery = true
    /// Where ejected hosts are written to.
    package var outlierLogPath: String?
    package var logsAsJSON = false
    /// What all TLS is held to; nil: nothing.
    package var compliance: CompliancePolicy?
    /// The roots that the control plane is verified against.
    package var discoveryRootFile = "./var/run/secrets/istio/root-cert.pem"
    /// Port of the agent's token exchange; 0: there is none.
    package var tokenExchangePort = 0

    package init(
        node: NodeDescription, settings: ProxySettings, annotations: [String: String] = [:],
        families: LocalFamilies = .ipv4
    ) {
        self.node = node
        self.settings = settings
        self.annotations = annotations
        self.families = families
    }
}

/// A port that Envoy serves from its start, where a variable may say otherwise.
package enum StandardPort: Hashable, Sendable {
    case metrics
    case health

    /// The port, in an environment.
    package func number(in environment: [String: String]) -> Int {
        let (name, standard) =
            switch self {
            case .metrics: ("ENVOY_PROMETHEUS_PORT", 15090)
            case .health: ("ENVOY_STATUS_PORT", 15021)
            }
        return environment[name].flatMap(Int.init).flatMap { 1...65535 ~= $0 ? $0 : nil } ?? standard
    }
}

/// Which kinds of addresses a Pod has.
package enum LocalFamilies: Hashable, Sendable {
    case ipv4
    case ipv6
    case dual

    /// Of some addresses; IPv4 without any.
    package init(of addresses: [String]) {
        let hasIPv6 = addresses.contains { $0.contains(":") }
        let hasIPv4 = addresses.contains { !$0.contains(":") }
        self = hasIPv6 ? (hasIPv4 ? .dual : .ipv6) : .ipv4
    }

    /// The loopback address that Envoy and the agent meet at.
    package var loopback: String { self == .ipv6 ? "::1" : "127.0.0.1" }
    /// All addresses.
    package var wildcard: String { self == .ipv6 ? "::" : "0.0.0.0" }
}
