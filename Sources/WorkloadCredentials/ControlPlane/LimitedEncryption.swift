import AgentRuntime
import CertificateAuthority
import KubernetesModel
import NIOCore
import NIOSSL

/// TLS of a client that is held to a policy: gRPC's own takes whatever the library offers.
struct LimitedEncryption: Sendable {
    private let context: NIOSSLContext
    private let serverName: String?

    /// - Parameter serverName: The name that the server's certificate has to have; an address is verified as such.
    init(_ configuration: TLSConfiguration, policy: CompliancePolicy, serverName: String) throws {
        var configuration = configuration
        configuration.limit(to: policy)
        configuration.applicationProtocols = ["grpc-exp", "h2"]
        context = try NIOSSLContext(configuration: configuration)
        let isAddress = (try? SocketAddress(ipAddress: serverName, port: 0)) != nil
        self.serverName = isAddress ? nil : serverName
    }

    /// Encrypts a connection that is about to be made. Has to be called on its event loop.
    func add(to channel: any Channel) throws {
        try channel.pipeline.syncOperations.addHandler(
            try NIOSSLClientHandler(context: context, serverHostname: serverName), position: .first)
    }
}

extension TLSConfiguration {
    /// Takes away what a policy does not allow.
    mutating func limit(to policy: CompliancePolicy) {
        minimumTLSVersion = policy.minimumVersion == .tls13 ? .tlsv13 : .tlsv12
        maximumTLSVersion = policy.maximumVersion == .tls13 ? .tlsv13 : .tlsv12
        cipherSuites = CompliancePolicy.cipherSuites.joined(separator: ":")
        curves = policy.keyAgreements.map { NIOTLSCurve(rawValue: $0.rawValue) }
    }
}

extension ControlPlaneEndpoint {
    /// Nil: no policy counts, or there is no TLS.
    func limitedEncryption(serverName: String) throws -> LimitedEncryption? {
        guard let compliance, let rootFile else { return nil }
        var configuration = TLSConfiguration.makeClientConfiguration()
        if rootFile != Self.systemRoots {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(try Files.read(rootFile)))
        }
        if let files = credential {
            configuration.certificateChain = try PEMBlocks.certificates(in: try Files.text(files.chain)).map {
                .certificate(try NIOSSLCertificate(bytes: PEMBlocks.derBytes(of: $0), format: .der))
            }
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: try Files.read(files.key), format: .pem))
        }
        return try LimitedEncryption(configuration, policy: compliance, serverName: serverName)
    }
}
