package import X509

/// All a certificate authority needs: the signing certificate and key, and what links it to the roots.
///
/// ```
/// leaf ◄─signs─ certificate ◄─ intermediates[0] ◄─ … ◄─ one of trustBundle
/// ```
///
/// For a self-signed root the signing certificate is its own root and `intermediates` is empty.
package struct CAMaterial: Hashable, Sendable {
    /// The certificate whose key signs.
    package let certificate: Certificate

    /// The key that signs; prints as `<redacted>`.
    package let privateKey: PrivateKeyPEM

    /// The certificates above the signing one, nearest first, roots left out.
    package let intermediates: [Certificate]

    /// The roots that workloads trust.
    package let trustBundle: TrustBundle

    /// Keeps what the caller has made or verified; ``init(secretData:source:now:)`` is the door for foreign bytes.
    init(
        certificate: Certificate, privateKey: PrivateKeyPEM, intermediates: [Certificate], trustBundle: TrustBundle
    ) {
        self.certificate = certificate
        self.privateKey = privateKey
        self.intermediates = intermediates
        self.trustBundle = trustBundle
    }

    /// The same authority in a mesh that also trusts other roots, as while one is replaced by another.
    package func trusting(_ others: TrustBundle) -> CAMaterial {
        CAMaterial(
            certificate: certificate, privateKey: privateKey, intermediates: intermediates,
            trustBundle: trustBundle.merged(with: others))
    }

    /// The signing certificate as PEM.
    package var certificatePEM: String { PEMBlocks.text(of: [certificate]) }

    /// The private key as PEM in its wrapper.
    package var privateKeyPEM: PrivateKeyPEM { privateKey }

    /// The roots as PEM: the `root-cert.pem` of ConfigMap `istio-ca-root-cert`.
    package var rootCertificatePEM: String { trustBundle.pem }

    /// Whether the signing certificate is a root itself.
    package var isSelfSigned: Bool { certificate.issuer == certificate.subject }

    /// The root that the chain ends at: the one of the bundle that signed its last certificate, or is that.
    package var root: Certificate? {
        let last = intermediates.last ?? certificate
        if trustBundle.certificates.contains(last) { return last }
        return trustBundle.certificates.first {
            $0.subject == last.issuer && $0.publicKey.isValidSignature(last.signature, for: last)
        }
    }

    /// What follows a leaf in a TLS handshake: signing certificate and intermediates, nothing for a root.
    package var issuingChain: [Certificate] { isSelfSigned ? [] : [certificate] + intermediates }

    /// When the signing certificate is accepted.
    package var validity: Validity {
        Validity(notBefore: certificate.notValidBefore, notAfter: certificate.notValidAfter)
    }

    /// The data of Secret `istio-ca-secret`, all five keys as Istio writes them: for a self-signed root only
    /// `ca-cert.pem` and `ca-key.pem` have a value, and the root is the certificate itself.
    ///
    /// This is the place where the private key leaves its wrapper.
    package var secretData: [String: [UInt8]] {
        [
            SecretKey.certificate: Array(certificatePEM.utf8),
            SecretKey.privateKey: Array(privateKey.revealed.utf8),
            SecretKey.root: trustBundle.certificates == [certificate] ? [] : Array(rootCertificatePEM.utf8),
            SecretKey.chain: Array(PEMBlocks.text(of: intermediates).utf8),
            SecretKey.leafKey: [],
        ]
    }

    /// The keys of the Secrets `istio-ca-secret` and `cacerts`: fixed names, Istio's.
    package enum SecretKey {
        /// The signing certificate.
        package static let certificate = "ca-cert.pem"
        /// Its private key.
        package static let privateKey = "ca-key.pem"
        /// The roots.
        package static let root = "root-cert.pem"
        /// From the signing certificate up to the root; optional.
        package static let chain = "cert-chain.pem"
        /// Unused, present and empty in `istio-ca-secret`.
        package static let leafKey = "key.pem"
    }
}
