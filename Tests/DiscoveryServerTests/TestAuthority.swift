import Crypto
import Foundation
import GRPCNIOTransportHTTP2Posix
import SwiftASN1
import X509

/// A root, and certificates that end at it, as the two ends of a connection use them.
struct TestAuthority {
    private let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
    private let root: Certificate

    init() throws {
        let name = try DistinguishedName { OrganizationName("cluster.local") }
        root = try Self.certificate(
            for: key.publicKey, subject: name, issuer: name, signedBy: key,
            extensions: .init {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
            })
    }

    /// A server that asks for certificates of this authority.
    func server() throws -> HTTP2ServerTransport.Posix.TransportSecurity {
        let (chain, key, roots) = try identity(["spiffe://cluster.local/ns/istio-system/sa/istiod"])
        return .mTLS(certificateChain: [chain], privateKey: key) {
            $0.trustRoots = .certificates([roots])
            $0.requireALPN = true
        }
    }

    /// A client with these names.
    func client(_ names: [String]) throws -> HTTP2ClientTransport.Posix.TransportSecurity {
        let (chain, key, roots) = try identity(names)
        return .mTLS(certificateChain: [chain], privateKey: key) {
            $0.trustRoots = .certificates([roots])
            $0.serverCertificateVerification = .noHostnameVerification
        }
    }

    /// A client without a certificate.
    func anonymousClient() throws -> HTTP2ClientTransport.Posix.TransportSecurity {
        let (_, _, roots) = try identity([])
        return .tls {
            $0.trustRoots = .certificates([roots])
            $0.serverCertificateVerification = .noHostnameVerification
        }
    }

    private func identity(
        _ names: [String]
    ) throws -> (TLSConfig.CertificateSource, TLSConfig.PrivateKeySource, TLSConfig.CertificateSource) {
        let own = P256.Signing.PrivateKey()
        let certificate = try Self.certificate(
            for: .init(own.publicKey), subject: DistinguishedName { CommonName("test") }, issuer: root.subject,
            signedBy: key,
            extensions: .init {
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth, .clientAuth])
                SubjectAlternativeNames([.dnsName("test")] + names.map { .uniformResourceIdentifier($0) })
            })
        return (
            .bytes(Array(try certificate.serializeAsPEM().pemString.utf8), format: .pem),
            .bytes(Array(own.pemRepresentation.utf8), format: .pem),
            .bytes(Array(try root.serializeAsPEM().pemString.utf8), format: .pem)
        )
    }

    private static func certificate(
        for key: Certificate.PublicKey, subject: DistinguishedName, issuer: DistinguishedName,
        signedBy issuerKey: Certificate.PrivateKey, extensions: Certificate.Extensions
    ) throws -> Certificate {
        try Certificate(
            version: .v3, serialNumber: .init(), publicKey: key, notValidBefore: Date(timeIntervalSinceNow: -3600),
            notValidAfter: Date(timeIntervalSinceNow: 3600), issuer: issuer, subject: subject, extensions: extensions,
            issuerPrivateKey: issuerKey)
    }
}
