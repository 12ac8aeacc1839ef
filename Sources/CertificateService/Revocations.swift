package import CertificateAuthority
package import X509

/// Certificates that the mesh's authorities took back.
package struct Revocations: Hashable, Sendable {
    /// As it is published.
    package let pem: String
    private let lists: [RevocationList]

    /// Reads a PEM text of one or more lists.
    ///
    /// - Throws: `PEMProblem`.
    package init(_ pem: String) throws(PEMProblem) {
        self.pem = pem
        lists = try RevocationList.parse(pem)
    }

    /// Whether one of the authorities that a certificate may come from took it back.
    ///
    /// - Parameter authorities: Lists of others do not count.
    package func include(_ certificate: Certificate, of authorities: [Certificate]) -> Bool {
        lists.contains { list in
            list.revokes(certificate) && authorities.contains { list.isSigned(by: $0) }
        }
    }
}
