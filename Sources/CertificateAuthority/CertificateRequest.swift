import Crypto
import SwiftASN1
package import X509
import _CryptoExtras

/// A new key, and the request for a certificate that goes with it.
///
/// The subject is empty and the SPIFFE id is the only name; authorities take names from who asks, not from here.
package struct CertificateRequest: Hashable, Sendable {
    /// The key; prints as `<redacted>`.
    package let privateKey: PrivateKeyPEM

    /// The PKCS#10 request as PEM, signed with the key.
    package let pem: String

    /// Signs a request with `key`.
    ///
    /// - Parameters:
    ///   - spiffeID: Such as `spiffe://cluster.local/ns/default/sa/web`.
    ///   - key: Signs the request; kept as ``privateKey``.
    /// - Throws: What the crypto library reports; not expected.
    package init(spiffeID: String, key: Certificate.PrivateKey) throws {
        let extensions = try Certificate.Extensions {
            Critical(SubjectAlternativeNames([.uniformResourceIdentifier(spiffeID)]))
        }
        let request = try CertificateSigningRequest(
            version: .v1, subject: DistinguishedName(), privateKey: key,
            attributes: CertificateSigningRequest.Attributes([
                CertificateSigningRequest.Attribute(ExtensionRequest(extensions: extensions))
            ]))
        privateKey = try PrivateKeyPEM(key)
        pem = try request.serializeAsPEM().pemString + "\n"
    }

    /// A request with a new key.
    ///
    /// - Parameter rsaBits: Of an RSA key, 2048 or more; nil: an ECDSA P-256 key.
    package init(spiffeID: String, rsaBits: Int? = nil) throws {
        let key =
            if let rsaBits {
                Certificate.PrivateKey(try _RSA.Signing.PrivateKey(keySize: .init(bitCount: max(2048, rsaBits))))
            } else {
                Certificate.PrivateKey(P256.Signing.PrivateKey())
            }
        try self.init(spiffeID: spiffeID, key: key)
    }
}
