import EnvoyTesting
import GRPCNIOTransportHTTP2Posix
import NIOSSL

@testable import DiscoveryServer

extension TestAuthority {
    /// A server that asks for certificates of this authority.
    ///
    /// - Parameter isOptional: A client may do without one; one of a stranger is refused all the same.
    func server(isOptional: Bool = false) throws -> DiscoverySecurity {
        .tls(try FixedTLSContext(configuration(isOptional: isOptional)))
    }

    func configuration(isOptional: Bool) throws -> TLSConfiguration {
        let identity = try host(["spiffe://cluster.local/ns/istio-system/sa/istiod"])
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(identity.certificate.utf8))
                .map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.privateKey.utf8), format: .pem)))
        configuration.certificateVerification = isOptional ? .optionalVerification : .noHostnameVerification
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(identity.root.utf8)))
        configuration.applicationProtocols = ["h2"]
        return configuration
    }

    /// A client with these names.
    func client(_ names: [String]) throws -> HTTP2ClientTransport.Posix.TransportSecurity {
        let (chain, key, roots) = try sources(names)
        return .mTLS(certificateChain: [chain], privateKey: key) {
            $0.trustRoots = .certificates([roots])
            $0.serverCertificateVerification = .noHostnameVerification
        }
    }

    /// A client without a certificate.
    func anonymousClient() throws -> HTTP2ClientTransport.Posix.TransportSecurity {
        let (_, _, roots) = try sources([])
        return .tls {
            $0.trustRoots = .certificates([roots])
            $0.serverCertificateVerification = .noHostnameVerification
        }
    }

    private func sources(
        _ names: [String]
    ) throws -> (TLSConfig.CertificateSource, TLSConfig.PrivateKeySource, TLSConfig.CertificateSource) {
        let identity = try host(names)
        return (
            .bytes(Array(identity.certificate.utf8), format: .pem),
            .bytes(Array(identity.privateKey.utf8), format: .pem),
            .bytes(Array(identity.root.utf8), format: .pem)
        )
    }
}
