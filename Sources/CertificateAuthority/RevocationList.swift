import FoundationEssentials
import SwiftASN1
package import X509

/// Certificates that were taken back (RFC 5280 section 5), as one authority says it.
package struct RevocationList: Hashable, Sendable {
    /// Who took them back.
    package let issuer: DistinguishedName
    /// The serial numbers of what it took back.
    package let serialNumbers: Set<Certificate.SerialNumber>
    /// What the issuer signed.
    private let signedBytes: [UInt8]
    private let algorithm: ASN1ObjectIdentifier
    private let signature: [UInt8]

    /// Reads all lists of a PEM text; blocks of other kinds are an error.
    ///
    /// - Throws: ``PEMProblem``.
    package static func parse(_ text: String) throws(PEMProblem) -> [RevocationList] {
        var lists: [RevocationList] = []
        for (index, block) in try PEMBlocks.read(text).enumerated() {
            guard block.discriminator == "X509 CRL" else {
                throw PEMProblem(found: "a block \"\(block.discriminator)\" where only an X509 CRL belongs")
            }
            do {
                lists.append(try RevocationList(der: block.derBytes))
            } catch {
                throw PEMProblem(found: "an X509 CRL (block \(index + 1)) that cannot be read")
            }
        }
        return lists
    }

    private init(der: [UInt8]) throws {
        let outer = try Self.children(of: DER.parse(der))
        guard outer.count == 3 else { throw Unreadable() }
        var fields = try Self.children(of: outer[0])[...]
        if fields.first?.identifier == .integer { fields = fields.dropFirst() }  // the version
        guard fields.count >= 3 else { throw Unreadable() }
        fields = fields.dropFirst()  // the algorithm, once more
        issuer = try DistinguishedName(derEncoded: fields.removeFirst())
        // What follows are one or two times, the entries, and extensions.
        fields = fields.drop { [.utcTime, .generalizedTime].contains($0.identifier) }
        var serials: Set<Certificate.SerialNumber> = []
        if let entries = fields.first, entries.identifier == .sequence {
            for entry in try Self.children(of: entries) {
                guard let serial = try Self.children(of: entry).first else { throw Unreadable() }
                serials.insert(Certificate.SerialNumber(bytes: try ArraySlice<UInt8>(derEncoded: serial)))
            }
        }
        serialNumbers = serials
        signedBytes = Array(outer[0].encodedBytes)
        guard let identifier = try Self.children(of: outer[1]).first else { throw Unreadable() }
        algorithm = try ASN1ObjectIdentifier(derEncoded: identifier)
        signature = Array(try ASN1BitString(derEncoded: outer[2]).bytes)
    }

    private struct Unreadable: Error {}

    /// Of a sequence.
    private static func children(of node: ASN1Node) throws -> [ASN1Node] {
        guard node.identifier == .sequence, case .constructed(let nodes) = node.content else { throw Unreadable() }
        return Array(nodes)
    }

    /// Whether `authority` said this: it has the name, and its key made the signature.
    package func isSigned(by authority: Certificate) -> Bool {
        guard authority.subject == issuer, let algorithm = Certificate.SignatureAlgorithm(algorithm) else {
            return false
        }
        return authority.publicKey.isValidSignature(signature, for: signedBytes, signatureAlgorithm: algorithm)
    }

    /// Whether a certificate of this issuer was taken back.
    package func revokes(_ certificate: Certificate) -> Bool {
        certificate.issuer == issuer && serialNumbers.contains(certificate.serialNumber)
    }
}

extension Certificate.SignatureAlgorithm {
    /// Of those that authorities of meshes use.
    fileprivate init?(_ identifier: ASN1ObjectIdentifier) {
        switch identifier {
        case [1, 2, 840, 10045, 4, 3, 2]: self = .ecdsaWithSHA256
        case [1, 2, 840, 10045, 4, 3, 3]: self = .ecdsaWithSHA384
        case [1, 2, 840, 10045, 4, 3, 4]: self = .ecdsaWithSHA512
        case [1, 2, 840, 113549, 1, 1, 11]: self = .sha256WithRSAEncryption
        case [1, 2, 840, 113549, 1, 1, 12]: self = .sha384WithRSAEncryption
        case [1, 2, 840, 113549, 1, 1, 13]: self = .sha512WithRSAEncryption
        default: return nil
        }
    }
}
