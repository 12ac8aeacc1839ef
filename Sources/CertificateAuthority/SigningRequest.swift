import SwiftASN1
package import X509

/// A request for a certificate (PKCS#10), of which only the public key is taken over.
///
/// What else it asks for is not looked at: names, key usages and constraints are the authority's to say. Where another
/// authority is to sign it as it is, ``problem(askingFor:)`` says what that must not.
package struct SigningRequest: Hashable, Sendable {
    /// Bytes of a text that is read at all; a request with an RSA key of 4096 bits and a few names has two thousand.
    package static let longest = 32 * 1024

    /// The key that the certificate is for. Whoever sent the request holds its private key.
    package var publicKey: Certificate.PublicKey { request.publicKey }

    private let request: CertificateSigningRequest

    /// Reads the one request of a PEM text, and verifies that it was signed with the key that it is for.
    ///
    /// - Throws: ``PEMProblem``.
    package init(parsing text: String) throws(PEMProblem) {
        guard text.utf8.count <= Self.longest else {
            throw PEMProblem(found: "\(text.utf8.count) bytes where at most \(Self.longest) are read")
        }
        let blocks = try PEMBlocks.read(text)
        guard let block = blocks.first, blocks.count == 1 else {
            throw PEMProblem(found: "\(blocks.count) PEM blocks where one is needed")
        }
        guard ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"].contains(block.discriminator) else {
            throw PEMProblem(found: "a block \"\(block.discriminator)\" where a CERTIFICATE REQUEST belongs")
        }
        let request: CertificateSigningRequest
        do {
            request = try CertificateSigningRequest(derEncoded: block.derBytes)
        } catch {
            throw PEMProblem(
                found: "a request that cannot be read: it has to be PKCS#10 with an EC (P-256, P-384, P-521), Ed25519 "
                    + "or RSA (2048 bits or more) key")
        }
        guard request.publicKey.isValidSignature(request.signature, for: request) else {
            throw PEMProblem(found: "a request that was not signed with the key that it is for")
        }
        self.request = request
    }

    /// What it asks for beyond certain URIs; nil: nothing. One that asks for no name at all asks for too little.
    package func problem(askingFor uris: [String]) -> PEMProblem? {
        guard let extensions = try? request.attributes.extensionRequest?.extensions else {
            return PEMProblem(found: "a request without alternative names: it has to ask for \(Self.list(uris))")
        }
        guard let names = try? extensions.subjectAlternativeNames, !names.isEmpty else {
            return PEMProblem(found: "a request without alternative names: it has to ask for \(Self.list(uris))")
        }
        let strange = names.filter { name in
            if case .uniformResourceIdentifier(let uri) = name { !uris.contains(uri) } else { true }
        }
        guard strange.isEmpty else {
            return PEMProblem(
                found:
                    "a request for \(strange.map { "\($0)" }.joined(separator: ", ")): the caller is \(Self.list(uris))"
            )
        }
        if case .isCertificateAuthority = try? extensions.basicConstraints {
            return PEMProblem(found: "a request for an authority of its own")
        }
        guard request.subject == DistinguishedName() || request.subject.allSatisfy({ $0.isOrganization }) else {
            return PEMProblem(found: "a request for the subject \"\(request.subject)\": leave it empty")
        }
        return nil
    }

    private static func list(_ uris: [String]) -> String { uris.joined(separator: ", ") }
}

extension RelativeDistinguishedName {
    /// Nothing but an organisation, which names nobody.
    fileprivate var isOrganization: Bool { allSatisfy { $0.type == .RDNAttributeType.organizationName } }
}
