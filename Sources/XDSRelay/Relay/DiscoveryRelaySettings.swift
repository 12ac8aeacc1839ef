package import AgentRuntime
package import KubernetesModel
import WorkloadCredentials
import XDSServer

/// How the control plane is reached.
package enum RelaySecurity: Hashable, Sendable {
    /// - Parameters:
    ///   - serverName: The name that the server's certificate has to have; nil: the host of the address.
    ///   - rootFile: The roots that it is verified against, read anew for each connection.
    case tls(serverName: String? = nil, rootFile: String = "/var/run/secrets/istio/root-cert.pem")
    case plaintext
}

/// Where configuration comes from, and who may ask for it.
package struct DiscoveryRelaySettings: Hashable, Sendable {
    /// The control plane's `host:port`.
    package var address: String
    /// How it is reached.
    package var security: RelaySecurity = .tls()
    /// The ServiceAccount token, read anew for each connection; nil: none.
    package var tokenFile: String? = "/var/run/secrets/tokens/istio-token"
    /// A folder with `cert-chain.pem` and `key.pem` to prove oneself with instead; nil: none.
    package var credentialFolder: String?
    /// The cluster whose token it is.
    package var clusterID = "Kubernetes"
    /// What TLS is held to; nil: nothing.
    package var compliance: CompliancePolicy?
    /// In which the agent's addresses mean what they mean; empty for the one network of a mesh.
    package var network = ""
    /// Where the proxy asks.
    package var socketPath = "/etc/istio/proxy/XDS"
    /// Who may connect, as of files: the proxy runs as the agent's user.
    package var socketMode: UInt32 = 0o600
    /// What to wait between connections.
    package var backoff = Backoff(initial: .milliseconds(100), maximum: .seconds(15))
    /// A proxy that the control plane has told nothing for so long is told what is kept.
    package var patience: Duration = .seconds(5)
    /// The most that is kept of the last good configuration, all types together; more, and nothing is.
    package var keptBytes = 16 << 20
    /// What to wait before the modules of plug-ins that could not be had are fetched again.
    package var moduleBackoff = Backoff(initial: .seconds(10), maximum: .seconds(600))
    /// The agent wants the names for its own DNS server.
    package var asksForNames = true
    /// The agent wants to know of further roots.
    package var asksForRoots = false

    /// Istio's defaults.
    package init(address: String) { self.address = address }

    /// What the agent follows itself.
    var ownTypes: [TypeURL] { (asksForNames ? [.nameTable] : []) + (asksForRoots ? [.proxyConfig] : []) }

    var endpoint: ControlPlaneEndpoint {
        var endpoint = ControlPlaneEndpoint(
            address: address, tokenFile: tokenFile, credentialFolder: credentialFolder, clusterID: clusterID)
        endpoint.compliance = compliance
        if case .tls(let serverName, let rootFile) = security {
            endpoint.serverName = serverName
            endpoint.rootFile = rootFile
        }
        return endpoint
    }
}

/// What has become of the relay.
package struct RelayStatus: Hashable, Sendable {
    /// The proxy's streams.
    package var proxies = 0
    /// Those of them that the control plane answers.
    package var connected = 0
    /// Why the last connection to the control plane ended or did not come to be.
    package var lastError: String?
    /// How often the control plane was connected.
    package var connections = 0

    /// Nothing has come about yet.
    package init() {}

    /// The control plane answers somebody.
    package var isConnected: Bool { connected > 0 }
}
