package import FoundationEssentials
package import X509

/// What another authority gave for a request of ours, verified before anybody uses it.
package struct ForeignChain: Hashable, Sendable {
    /// PEM texts: the leaf, what is between it and the roots, and all roots in the last text.
    package let chainPEM: [String]

    /// Reads and verifies a chain.
    ///
    /// - Parameters:
    ///   - text: PEM, the leaf first. A self-signed certificate at the end is trusted besides `roots`.
    ///   - publicKey: That the leaf has to be for.
    ///   - names: The URIs that the leaf has to name, and no others.
    ///   - roots: Whom the mesh trusts.
    ///   - now: At which the leaf has to be valid.
    /// - Throws: ``ForeignChainProblem``.
    package init(
        _ text: String, for publicKey: Certificate.PublicKey, names: [String], roots: TrustBundle, now: Date
    ) throws(ForeignChainProblem) {
        let certificates: [Certificate]
        do throws(PEMProblem) { certificates = try PEMBlocks.certificates(in: text) } catch {
            throw ForeignChainProblem("it holds \(error.found)")
        }
        guard let leaf = certificates.first else { throw ForeignChainProblem("it holds no certificate") }
        guard leaf.publicKey == publicKey else { throw ForeignChainProblem("the certificate is for another key") }
        let expected = Set(names.map { GeneralName.uniformResourceIdentifier($0) })
        let found = (try? leaf.extensions.subjectAlternativeNames).map { Set($0) } ?? []
        guard found == expected else {
            throw ForeignChainProblem(
                "the certificate names \(found.map { "\($0)" }.sorted().joined(separator: ", ")) and not "
                    + names.joined(separator: ", "))
        }
        if case .isCertificateAuthority = try? leaf.extensions.basicConstraints {
            throw ForeignChainProblem("the certificate is an authority's")
        }
        guard leaf.notValidBefore <= now, now <= leaf.notValidAfter else {
            throw ForeignChainProblem("the certificate is not valid now")
        }
        let upper = certificates.dropFirst()
        var links = [leaf] + upper.filter { $0.issuer != $0.subject }
        let trusted = roots.merged(with: TrustBundle(upper.filter { $0.issuer == $0.subject }))
        while let last = links.last {
            let isRooted = trusted.certificates.contains { $0.signed(last) }
            if isRooted { break }
            links.removeLast()
            if links.isEmpty {
                throw ForeignChainProblem(
                    "no root that the mesh trusts signed it: put the signer's root into root-cert.pem of Secret cacerts"
                )
            }
        }
        for (lower, upper) in zip(links, links.dropFirst()) where !upper.signed(lower) {
            throw ForeignChainProblem("\"\(upper.subject)\" did not sign what stands before it")
        }
        chainPEM = links.map { PEMBlocks.text(of: [$0]) } + [trusted.pem]
    }
}

/// Why what another authority gave is not used.
package struct ForeignChainProblem: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String

    init(_ problem: String) { description = "cannot use what the signer gave: \(problem)" }
}

extension Certificate {
    /// Whether its key made the signature of another.
    fileprivate func signed(_ other: Certificate) -> Bool {
        subject == other.issuer && publicKey.isValidSignature(other.signature, for: other)
    }
}
