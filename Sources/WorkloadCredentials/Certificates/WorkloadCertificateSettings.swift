package import AgentRuntime
package import KubernetesModel

/// Where and how certificates are asked for.
package struct CertificateAuthoritySettings: Hashable, Sendable {
    /// `host:port`.
    package var address: String
    /// The name that the server's certificate has to have; nil: the host of the address.
    package var serverName: String?
    /// The roots that the server is verified against, read anew for each call.
    package var rootFile = "/var/run/secrets/istio/root-cert.pem"
    /// The ServiceAccount token that the workload proves itself with, read anew for each call; nil: none.
    package var tokenFile: String? = "/var/run/secrets/tokens/istio-token"
    /// A folder with `cert-chain.pem` and `key.pem` to prove oneself with instead; nil: none.
    package var credentialFolder: String?
    /// The cluster whose tokens these are.
    package var clusterID = "Kubernetes"
    /// No TLS: for servers that only those reach who may.
    package var isPlaintext = false
    /// What TLS is held to; nil: nothing.
    package var compliance: CompliancePolicy?

    /// Istio's defaults.
    package init(address: String = "istiod.istio-system.svc:15012") { self.address = address }
}

/// The kind of key that a workload makes itself.
package enum WorkloadKeyKind: Hashable, Sendable {
    case p256
    case rsa(bits: Int)

    /// Nil: no RSA key.
    var rsaBits: Int? { if case .rsa(let bits) = self { bits } else { nil } }
}

/// What the certificates of a workload are, and where they come from.
package struct WorkloadCertificateSettings: Hashable, Sendable {
    /// Signs them, unless there are files or another's socket.
    package var authority: CertificateAuthoritySettings
    /// Of the names in certificates.
    package var trustDomain: String
    /// The workload's.
    package var namespace: String
    /// The workload's.
    package var serviceAccount: String
    /// How long they are to be good for.
    package var lifetime: Duration = .seconds(86_400)
    /// Share of the lifetime before the end at which the next one is asked for, `0 ... 1`.
    package var graceRatio = 0.5
    /// Up to so much is added to the ratio or taken away, so that workloads do not ask together.
    package var graceJitter = 0.01
    /// Of the keys that the workload makes.
    package var keyKind: WorkloadKeyKind = .p256
    /// The mesh's roots, trusted besides those that come with certificates; may be missing.
    package var meshRootFile = "/var/run/secrets/istio/root-cert.pem"
    /// Where to write what is obtained for others to read; nil: nowhere.
    package var outputFolder: String?
    /// Who may read the key there, as of files.
    package var outputKeyMode: UInt32 = 0o600
    /// A folder with certificates that others keep; nil: none.
    package var fileMountedFolder: String?
    /// Certificates that are there are used instead of any other.
    package var credentialsFolder = "/var/run/secrets/workload-spiffe-credentials"
    /// A socket that is there when the agent starts is another's, who gives certificates to the proxy.
    package var socketPath = "/var/run/secrets/workload-spiffe-uds/socket"
    /// How often files are looked at.
    package var pollInterval: Duration = .seconds(1)
    /// What to wait after a failure.
    package var backoff = Backoff(initial: .milliseconds(500), maximum: .seconds(30))

    /// The settings of a workload in Kubernetes.
    package init(
        authority: CertificateAuthoritySettings, trustDomain: String, namespace: String, serviceAccount: String
    ) {
        self.authority = authority
        self.trustDomain = trustDomain
        self.namespace = namespace
        self.serviceAccount = serviceAccount
    }

    /// The name in the certificates.
    package var spiffeID: String { "spiffe://\(trustDomain)/ns/\(namespace)/sa/\(serviceAccount)" }
}

/// Where a workload's certificates come from.
package enum CertificateSource: Hashable, Sendable {
    /// The certificate authority signs them.
    case authority
    /// Others keep them in `cert-chain.pem`, `key.pem` and `root-cert.pem` of this folder.
    case files(String)
    /// Another program serves them to the proxy.
    case externalSocket
}

extension WorkloadCertificateSettings {
    /// What a look at the file system finds: another's socket, else files, else nothing, so that the authority is asked.
    package func detectedSource() -> CertificateSource {
        if Files.isSocket(socketPath), SocketProbe.answers(socketPath) { return .externalSocket }
        let names = CertificateFiles(credentialsFolder)
        if Files.exists(names.chain), Files.exists(names.key) { return .files(credentialsFolder) }
        return fileMountedFolder.map { .files($0) } ?? .authority
    }
}

/// The three files of a folder with certificates.
package struct CertificateFiles: Hashable, Sendable {
    /// The leaf, and what links it to a root.
    package let chain: String
    /// The leaf's.
    package let key: String
    /// What others are verified against.
    package let root: String

    /// Those of this folder, whether they are there or not.
    package init(_ folder: String) {
        chain = "\(folder)/cert-chain.pem"
        key = "\(folder)/key.pem"
        root = "\(folder)/root-cert.pem"
    }

    /// All three.
    package var all: [String] { [chain, key, root] }
}
