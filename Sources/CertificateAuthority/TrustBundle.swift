package import X509

/// The root certificates a workload trusts: a set, rendered in one order whatever order they came in.
///
/// While a root is replaced the bundle holds the old and the new one; see ``merged(with:)``.
package struct TrustBundle: Hashable, Sendable {
    /// The roots without duplicates, ordered by their DER bytes.
    package let certificates: [Certificate]

    /// A bundle of `certificates`; duplicates count once.
    package init(_ certificates: some Sequence<Certificate>) {
        var byEncoding: [[UInt8]: Certificate] = [:]
        for certificate in certificates { byEncoding[PEMBlocks.derBytes(of: certificate)] = certificate }
        self.certificates = byEncoding.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
    }

    /// Reads a PEM text of one or more certificates.
    ///
    /// - Throws: ``PEMProblem``.
    package init(parsing text: String) throws(PEMProblem) {
        self.init(try PEMBlocks.certificates(in: text))
    }

    /// The bundle that trusts what either trusts.
    package func merged(with other: TrustBundle) -> TrustBundle {
        TrustBundle(certificates + other.certificates)
    }

    /// The bundle as PEM, equal bytes for equal bundles.
    package var pem: String { PEMBlocks.text(of: certificates) }
}
