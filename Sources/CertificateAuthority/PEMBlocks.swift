package import SwiftASN1
package import X509

/// Why a PEM text could not be used; `found` completes the sentence "… holds …".
///
/// Never quotes the text itself: it may be a private key.
package struct PEMProblem: Error, Hashable, Sendable {
    /// What was found instead, such as "no private key block".
    package var found: String
}

/// PEM texts, read and written.
package enum PEMBlocks {
    /// All blocks of a text, in order; text between them is skipped.
    ///
    /// - Throws: ``PEMProblem`` when the text has no block or a broken one.
    package static func read(_ text: String) throws(PEMProblem) -> [PEMDocument] {
        let blocks: [PEMDocument]
        do {
            blocks = try PEMDocument.parseMultiple(pemString: text)
        } catch {
            throw PEMProblem(found: "a broken PEM block (begin and end lines must match, base64 between them)")
        }
        guard !blocks.isEmpty else { throw PEMProblem(found: "no PEM block (-----BEGIN …-----)") }
        return blocks
    }

    /// The certificates of a PEM text, in order. Blocks of other kinds are an error, they hint at swapped keys.
    ///
    /// - Throws: ``PEMProblem`` when there is none, or one that does not parse.
    package static func certificates(in text: String) throws(PEMProblem) -> [Certificate] {
        var certificates: [Certificate] = []
        for (index, block) in try read(text).enumerated() {
            guard block.discriminator == "CERTIFICATE" else {
                throw PEMProblem(found: "a block \"\(block.discriminator)\" where only certificates belong")
            }
            do {
                certificates.append(try Certificate(pemDocument: block))
            } catch {
                throw PEMProblem(found: "a certificate (block \(index + 1)) that is not valid X.509: \(error)")
            }
        }
        return certificates
    }

    /// The PEM text of certificates in the given order: 64 columns, a newline after each block.
    package static func text(of certificates: [Certificate]) -> String {
        certificates.map { PEMDocument(type: "CERTIFICATE", derBytes: derBytes(of: $0)).pemString + "\n" }.joined()
    }

    /// The DER encoding of a certificate, its identity in sets.
    package static func derBytes(of certificate: Certificate) -> [UInt8] {
        var serializer = DER.Serializer()
        do {
            try serializer.serialize(certificate)
        } catch {
            // Parsed or signed certificates carry their own bytes: encoding them again has no way to fail.
            preconditionFailure("a certificate in memory has no DER encoding: \(error)")
        }
        return serializer.serializedBytes
    }
}
