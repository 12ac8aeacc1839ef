import SwiftASN1
package import X509

/// A private key that does not print: descriptions, dumps and mirrors all show `<redacted>`.
///
/// Read the text through ``revealed``, only to write it to a Secret or to hand it to a TLS context.
package struct PrivateKeyPEM: Hashable, Sendable {
    /// The PEM text, one block and a final newline: PKCS#8 (`PRIVATE KEY`), `EC PRIVATE KEY` or `RSA PRIVATE KEY`.
    package let revealed: String

    /// The parsed key, to sign with. Its type holds no printable secret either.
    package let key: Certificate.PrivateKey

    /// Keeps `key` and its PKCS#8 text.
    ///
    /// - Throws: What the X.509 library says of a key that has no PEM form.
    package init(_ key: Certificate.PrivateKey) throws {
        self.key = key
        self.revealed = try key.serializeAsPEM().pemString + "\n"
    }

    /// Reads the one private key of a PEM text. Text around the block and an `EC PARAMETERS` block are skipped.
    ///
    /// - Throws: ``PEMProblem`` when there is no key, more than one, an encrypted one, or one of an unknown kind.
    package init(parsing text: String) throws(PEMProblem) {
        let keys = try PEMBlocks.read(text).filter { $0.discriminator.hasSuffix("PRIVATE KEY") }
        guard let block = keys.first else { throw PEMProblem(found: "no private key block") }
        guard keys.count == 1 else { throw PEMProblem(found: "\(keys.count) private keys where one is needed") }
        guard block.discriminator != "ENCRYPTED PRIVATE KEY" else {
            throw PEMProblem(found: "a private key that is encrypted with a passphrase")
        }
        do {
            self.key = try Certificate.PrivateKey(pemDocument: block)
        } catch {
            throw PEMProblem(
                found: "a block \"\(block.discriminator)\" that is not an EC (P-256, P-384, P-521), Ed25519 or RSA "
                    + "(2048 bits or more) key")
        }
        self.revealed = block.pemString + "\n"
    }
}

extension PrivateKeyPEM: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<redacted>`.
    package var description: String { "<redacted>" }

    /// Always `<redacted>`.
    package var debugDescription: String { "<redacted>" }

    /// Has no children, so that `dump` finds nothing.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
