package import FoundationEssentials
package import X509

/// Signs the certificates of workloads with what a ``CAMaterial`` holds. What all of them have in common is made once.
package struct CertificateIssuer: Hashable, Sendable {
    /// What signs.
    package let material: CAMaterial
    /// What follows every leaf: the signing certificate and those above it, each one as PEM, and all roots as the last.
    private let upperChain: [String]

    /// An issuer with this key and chain.
    package init(_ material: CAMaterial) {
        self.material = material
        upperChain = material.issuingChain.map { PEMBlocks.text(of: [$0]) } + [material.rootCertificatePEM]
    }

    /// A certificate for a workload.
    ///
    /// - Parameters:
    ///   - identities: SPIFFE ids: all that the certificate says of its holder. At least one.
    ///   - publicKey: The holder's.
    ///   - lifetime: How long from `now`; never beyond this authority's own end.
    ///   - now: The moment of signing.
    /// - Throws: ``IssuerOutsideValidity``, or what the crypto library reports.
    package func issue(
        to identities: [String], publicKey: Certificate.PublicKey, lifetime: Duration, now: Date
    ) throws -> IssuedCertificate {
        guard material.validity.contains(now) else {
            throw IssuerOutsideValidity(subject: "\(material.certificate.subject)", validity: material.validity)
        }
        let certificate = try material.leaf(
            names: identities.map { .uniformResourceIdentifier($0) }, publicKey: publicKey, lifetime: lifetime,
            now: now)
        return IssuedCertificate(
            certificate: certificate, chainPEM: [PEMBlocks.text(of: [certificate])] + upperChain)
    }
}

/// A certificate that was just signed.
package struct IssuedCertificate: Hashable, Sendable {
    /// The leaf.
    package var certificate: Certificate
    /// PEM texts: the leaf, what is between it and the roots, and all roots in the last text.
    package var chainPEM: [String]
}

/// The signing certificate itself is not valid: what it signs would be refused by everybody.
package struct IssuerOutsideValidity: Error, Hashable, Sendable, CustomStringConvertible {
    package var subject: String
    package var validity: Validity

    /// One line: what was tried, what stopped it, what to do.
    package var description: String {
        "cannot issue certificates: the signing certificate \"\(subject)\" is valid from "
            + "\(validity.notBefore.formatted(.iso8601)) to \(validity.notAfter.formatted(.iso8601)) only: replace it"
    }
}
