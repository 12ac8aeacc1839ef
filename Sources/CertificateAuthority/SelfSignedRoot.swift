import Crypto
package import FoundationEssentials
import X509
import _CryptoExtras

/// The recipe for a mesh root of our own, used when no CA was plugged in.
///
/// The certificate is a CA (`keyCertSign`, `cRLSign`, `digitalSignature`; both extensions critical), its subject is
/// `O=<trust domain>`, its key ECDSA P-256 or RSA.
package struct SelfSignedRoot: Hashable, Sendable {
    /// The trust domain, as in `spiffe://<trust domain>/…`; becomes the subject's organisation.
    package var trustDomain: String

    /// How long the root lives. Default 3650 days, as Istio's.
    package var lifetime: Duration

    /// Bits of an RSA key, 2048 or more; nil: an ECDSA P-256 key.
    package var rsaBits: Int?

    /// A root for `trustDomain`.
    package init(
        trustDomain: String = "cluster.local", lifetime: Duration = .seconds(3650 * 86_400), rsaBits: Int? = nil
    ) {
        self.trustDomain = trustDomain
        self.lifetime = lifetime
        self.rsaBits = rsaBits
    }

    /// A new root: another key and serial number at each call.
    ///
    /// - Parameter now: The moment of signing; the certificate starts two minutes earlier.
    /// - Throws: What the crypto library reports; not expected.
    package func material(now: Date) throws -> CAMaterial {
        let key =
            if let rsaBits {
                Certificate.PrivateKey(try _RSA.Signing.PrivateKey(keySize: .init(bitCount: max(2048, rsaBits))))
            } else {
                Certificate.PrivateKey(P256.Signing.PrivateKey())
            }
        let name = try DistinguishedName { OrganizationName(trustDomain) }
        let validity = Validity(now: now, lifetime: lifetime)
        let certificate = try Certificate(
            version: .v3,
            serialNumber: .random(),
            publicKey: key.publicKey,
            notValidBefore: validity.notBefore,
            notValidAfter: validity.notAfter,
            issuer: name,
            subject: name,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(digitalSignature: true, keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: key.publicKey)
            },
            issuerPrivateKey: key)
        return CAMaterial(
            certificate: certificate, privateKey: try PrivateKeyPEM(key), intermediates: [],
            trustBundle: TrustBundle([certificate]))
    }
}
