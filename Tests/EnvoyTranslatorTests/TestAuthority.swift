import Crypto
import EnvoyAPI
import Foundation
import SwiftASN1
import SwiftProtobuf
import X509

/// A root, and certificates of workloads that end at it, as the secrets of a proxy.
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

    /// The certificate `default` of a workload, and the root `ROOTCA`.
    func secrets(for spiffeIDs: [String]) throws -> [Envoy_Extensions_TransportSockets_Tls_V3_Secret] {
        let own = P256.Signing.PrivateKey()
        let certificate = try Self.certificate(
            for: .init(own.publicKey), subject: DistinguishedName(), issuer: root.subject, signedBy: key,
            extensions: .init {
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth, .clientAuth])
                Critical(SubjectAlternativeNames(spiffeIDs.map { .uniformResourceIdentifier($0) }))
            })
        let chain = try certificate.serializeAsPEM().pemString
        let roots = try root.serializeAsPEM().pemString
        return [
            .with {
                $0.name = "default"
                $0.tlsCertificate.certificateChain.inlineString = chain
                $0.tlsCertificate.privateKey.inlineString = own.pemRepresentation
            },
            .with {
                $0.name = "ROOTCA"
                $0.validationContext.trustedCa.inlineString = roots
            },
        ]
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
