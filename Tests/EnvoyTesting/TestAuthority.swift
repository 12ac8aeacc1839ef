import Crypto
import Foundation
import SwiftASN1
import X509

/// A root of trust, and certificates that end at it.
package struct TestAuthority: Sendable {
    private let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
    private let root: Certificate

    /// A certificate with its key and its root, each as PEM.
    package struct Identity: Sendable {
        package var certificate: String
        package var privateKey: String
        package var root: String
    }

    package init() throws {
        let name = try DistinguishedName { OrganizationName("cluster.local") }
        root = try Self.certificate(
            for: key.publicKey, subject: name, issuer: name, signedBy: key,
            extensions: .init {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
            })
    }

    /// A workload's: with these URIs alone, which therefore are critical.
    package func workload(_ uris: [String]) throws -> Identity {
        let names = SubjectAlternativeNames(uris.map { .uniformResourceIdentifier($0) })
        return try identity(DistinguishedName(), try Certificate.Extension(names, critical: true))
    }

    /// One of the host `test`, with these URIs beside its name.
    package func host(_ uris: [String]) throws -> Identity {
        let names = SubjectAlternativeNames([.dnsName("test")] + uris.map { .uniformResourceIdentifier($0) })
        let subject = try DistinguishedName { CommonName("test") }
        return try identity(subject, try Certificate.Extension(names, critical: false))
    }

    /// A server's, with these host names.
    package func server(_ names: [String]) throws -> Identity {
        let subject = try DistinguishedName { CommonName(names.first ?? "") }
        let extended = SubjectAlternativeNames(names.map { .dnsName($0) })
        return try identity(subject, try Certificate.Extension(extended, critical: false))
    }

    private func identity(_ subject: DistinguishedName, _ names: Certificate.Extension) throws -> Identity {
        let own = P256.Signing.PrivateKey()
        let certificate = try Self.certificate(
            for: .init(own.publicKey), subject: subject, issuer: root.subject, signedBy: key,
            extensions: .init {
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth, .clientAuth])
                names
            })
        return Identity(
            certificate: try certificate.serializeAsPEM().pemString, privateKey: own.pemRepresentation,
            root: try root.serializeAsPEM().pemString)
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
