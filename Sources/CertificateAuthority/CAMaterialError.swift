/// Why a Secret's data cannot serve as the mesh's certificate authority.
///
/// Names the Secret, the key in it, what was found and what to do. It never quotes key material.
package struct CAMaterialError: Error, Hashable, Sendable {
    /// What was wrong, for programs to branch on.
    package enum Reason: Hashable, Sendable {
        /// The key is absent or empty.
        case missing
        /// The bytes are not the PEM that belongs there.
        case unreadable
        /// The private key belongs to another certificate.
        case keyMismatch
        /// The certificate may not sign certificates.
        case notAuthority
        /// The certificate is no longer, or not yet, valid.
        case outsideValidity
        /// No chain of valid signatures leads to a root.
        case brokenChain
    }

    /// Which Secret, such as `Secret istio-system/cacerts`.
    package var source: String
    /// The Secret's key that the message is about, such as `ca-key.pem`.
    package var key: String
    /// What kind of problem it is.
    package var reason: Reason
    /// What was found, a sentence's end after "<key> …".
    package var found: String
    /// What to do, a sentence.
    package var remedy: String
}

extension CAMaterialError: CustomStringConvertible {
    /// One line: what was tried, what stopped it, what to do.
    package var description: String {
        "cannot use \(source) as the mesh's certificate authority: \(key) \(found). \(remedy)"
    }
}
