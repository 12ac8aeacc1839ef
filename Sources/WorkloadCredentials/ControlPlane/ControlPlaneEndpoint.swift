package import AgentRuntime
import CertificateAuthority
import FoundationEssentials
package import GRPCCore
package import GRPCNIOTransportHTTP2Posix
package import KubernetesModel
import NIOCore
import X509

/// A gRPC server of the control plane, and how the agent proves itself to it.
package struct ControlPlaneEndpoint: Hashable, Sendable {
    /// `host:port`.
    package var address: String
    /// The name that the server's certificate has to have; nil: the host of the address.
    package var serverName: String?
    /// The roots that the server is verified against, or `SYSTEM`; nil: no TLS.
    package var rootFile: String?
    /// Read anew for each connection; nil: none.
    package var tokenFile: String?
    /// With a certificate and a key, which count before the token while they are of use.
    package var credentialFolder: String?
    /// The cluster whose token it is; empty: nothing is said of it.
    package var clusterID: String
    /// What TLS is held to; nil: nothing.
    package var compliance: CompliancePolicy?

    /// A server that nobody has been connected to yet.
    package init(
        address: String, serverName: String? = nil, rootFile: String? = nil, tokenFile: String? = nil,
        credentialFolder: String? = nil, clusterID: String, compliance: CompliancePolicy? = nil
    ) {
        self.address = address
        self.serverName = serverName
        self.rootFile = rootFile
        self.tokenFile = tokenFile
        self.credentialFolder = credentialFolder
        self.clusterID = clusterID
        self.compliance = compliance
    }

    /// A transport that is not connected. Files are read now, so that each connection has the newest.
    package func transport(_ connections: OpenConnections? = nil) throws -> HTTP2ClientTransport.Posix {
        let (host, port) = try split()
        var config = HTTP2ClientTransport.Posix.Config.defaults
        config.http2.authority = serverName ?? host
        // Configuration comes in bursts with long silence in between: less is held for it than gRPC would.
        config.http2.targetWindowSize = 1 << 20
        config.connection.keepalive = .init(time: .seconds(30), timeout: .seconds(10), allowWithoutCalls: false)
        let encryption = try limitedEncryption(serverName: serverName ?? host)
        config.channelDebuggingCallbacks.onCreateTCPConnection = { channel in
            connections?.add(channel)
            return channel.eventLoop.makeCompletedFuture {
                if let encryption { try encryption.add(to: channel) }
            }
        }
        return try HTTP2ClientTransport.Posix(
            target: .dns(host: host, port: port),
            transportSecurity: encryption == nil ? try security() : .customSecure, config: config)
    }

    /// What is sent with each call.
    package func metadata() throws -> Metadata {
        var metadata: Metadata = [:]
        if !clusterID.isEmpty { metadata.addString(clusterID, forKey: "clusterid") }
        if let tokenFile, credential == nil {
            let token = try Files.text(tokenFile).filter { !$0.isWhitespace }
            if token.isEmpty { throw FileProblem("use", tokenFile, "the token is empty") }
            metadata.addString("Bearer \(token)", forKey: "authorization")
        }
        return metadata
    }

    private func security() throws -> HTTP2ClientTransport.Posix.TransportSecurity {
        guard let rootFile else { return .plaintext }
        let roots =
            rootFile == Self.systemRoots
            ? TLSConfig.TrustRootsSource.systemDefault
            : .certificates([.bytes(try Files.read(rootFile), format: .pem)])
        guard let files = credential else { return .tls { $0.trustRoots = roots } }
        let chain = try PEMBlocks.certificates(in: try Files.text(files.chain))
        return .mTLS(
            certificateChain: chain.map { .bytes(PEMBlocks.derBytes(of: $0), format: .der) },
            privateKey: .bytes(try Files.read(files.key), format: .pem)
        ) { $0.trustRoots = roots }
    }

    /// Stands for the roots that the system trusts.
    static let systemRoots = "SYSTEM"

    /// The certificate to prove oneself with; nil: a token is sent.
    ///
    /// A machine's first call is with a token: the certificate that it is given is what it shows from then on. One that
    /// has ended is of no use.
    var credential: CertificateFiles? {
        guard let credentialFolder else { return nil }
        let files = CertificateFiles(credentialFolder)
        guard let tokenFile, Files.exists(tokenFile) else { return files }
        guard Files.exists(files.key), let text = try? Files.text(files.chain),
            let leaf = try? PEMBlocks.certificates(in: text).first, leaf.notValidAfter > Date.now
        else { return nil }
        return files
    }

    private func split() throws -> (host: String, port: Int) {
        let separator = address.lastIndex(of: ":")
        guard let separator, let port = Int(address[address.index(after: separator)...]), 1...65535 ~= port else {
            throw RPCError(
                code: .invalidArgument,
                message: "the control plane's address \"\(address)\" is not host:port: set discoveryAddress of the "
                    + "proxy's configuration, or CA_ADDR")
        }
        let host = address[..<separator]
        return (host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : String(host), port)
    }
}

extension CertificateAuthoritySettings {
    var endpoint: ControlPlaneEndpoint {
        ControlPlaneEndpoint(
            address: address, serverName: serverName, rootFile: isPlaintext ? nil : rootFile, tokenFile: tokenFile,
            credentialFolder: credentialFolder, clusterID: clusterID, compliance: compliance)
    }
}
