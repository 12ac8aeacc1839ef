import EnvoyTesting
import GRPCNIOTransportHTTP2Posix

extension TestAuthority {
    /// A server that asks for certificates of this authority.
    func server() throws -> HTTP2ServerTransport.Posix.TransportSecurity {
        let (chain, key, roots) = try sources(["spiffe://cluster.local/ns/istio-system/sa/istiod"])
        return .mTLS(certificateChain: [chain], privateKey: key) {
            $0.trustRoots = .certificates([roots])
            $0.requireALPN = true
        }
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
