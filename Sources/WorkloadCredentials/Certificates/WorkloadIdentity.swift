package import CertificateAuthority
package import FoundationEssentials
package import X509

/// Why certificates and a key make no identity.
package enum IdentityProblem: Error, Hashable, Sendable, CustomStringConvertible {
    case noCertificate
    case otherKey

    package var description: String {
        switch self {
        case .noCertificate: "there is no certificate"
        case .otherKey: "the certificate belongs to another key: they were not made together, or not replaced together"
        }
    }
}

/// What a workload proves who it is with, and whom it believes.
package struct WorkloadIdentity: Hashable, Sendable {
    /// The leaf and what links it to a root, as PEM.
    package var chainPEM: String
    /// The leaf's key; prints as `<redacted>`.
    package var privateKey: PrivateKeyPEM
    /// All roots that count now.
    package var roots: TrustBundle
    /// When the leaf is accepted.
    package var validity: Validity
    /// What a root has to have signed for the leaf to be believed.
    private var chainEnd: Certificate

    /// When the leaf ends.
    package var notAfter: Date { validity.notAfter }

    /// The identity that a chain, a key and roots make.
    ///
    /// - Parameters:
    ///   - chain: The leaf first. A self-signed one at the end is a root: it is trusted, and not presented.
    ///   - privateKey: Has to be the leaf's.
    ///   - roots: Trusted besides.
    /// - Throws: ``IdentityProblem`` when they do not belong together.
    package init(
        chain: [Certificate], privateKey: PrivateKeyPEM, roots: TrustBundle
    ) throws(IdentityProblem) {
        guard let leaf = chain.first else { throw IdentityProblem.noCertificate }
        guard leaf.publicKey == privateKey.key.publicKey else { throw IdentityProblem.otherKey }
        var presented = chain
        self.roots = roots
        if chain.count > 1, let last = chain.last, last.issuer == last.subject {
            presented.removeLast()
            self.roots = roots.merged(with: TrustBundle([last]))
        }
        chainPEM = PEMBlocks.text(of: presented)
        chainEnd = presented.last ?? leaf
        self.privateKey = privateKey
        validity = Validity(notBefore: leaf.notValidBefore, notAfter: leaf.notValidAfter)
    }

    /// Whether one of these roots ends the chain.
    package func ends(at roots: TrustBundle) -> Bool {
        roots.certificates.contains { root in
            root == chainEnd
                || root.subject == chainEnd.issuer && root.publicKey.isValidSignature(chainEnd.signature, for: chainEnd)
        }
    }
}
