import Crypto
package import FoundationEssentials
package import X509

/// A certificate for a TLS server with the key and chain to present it with.
package struct ServerCertificate: Hashable, Sendable {
    /// The leaf.
    package var certificate: Certificate

    /// Its key; prints as `<redacted>`.
    package var privateKey: PrivateKeyPEM

    /// What follows the leaf in the handshake, nearest first, the root left out.
    package var chain: [Certificate]

    /// Leaf and chain as PEM: what a TLS server is configured with.
    package var certificateChainPEM: String { PEMBlocks.text(of: [certificate] + chain) }
}

/// A name that cannot stand in a server certificate.
package struct InvalidServerName: Error, Hashable, Sendable, CustomStringConvertible {
    /// The name as given; empty when no name was given at all.
    package var name: String

    /// One line: what was tried, what stopped it, what to do.
    package var description: String {
        name.isEmpty
            ? "cannot issue a server certificate without a name. "
                + "Give at least one DNS name, such as istiod.istio-system.svc."
            : "cannot issue a server certificate for \"\(name)\": it is not a DNS name. "
                + "Use letters, digits, '-' and '.', at most 63 between dots; '*' only as the whole first label."
    }
}

extension CAMaterial {
    /// A certificate for a server with a new P-256 key.
    ///
    /// - Parameters:
    ///   - names: DNS names, such as `istiod.istio-system.svc`; at least one.
    ///   - lifetime: How long from `now`; never beyond this CA's own end.
    ///   - now: The moment of signing.
    /// - Throws: ``InvalidServerName``, or what the crypto library reports.
    package func serverCertificate(
        names: [String], lifetime: Duration, now: Date
    ) throws -> ServerCertificate {
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        return ServerCertificate(
            certificate: try serverCertificate(names: names, publicKey: key.publicKey, lifetime: lifetime, now: now),
            privateKey: try PrivateKeyPEM(key), chain: issuingChain)
    }

    /// A certificate for a server that keeps its key to itself.
    ///
    /// The subject is empty and the names are critical, as RFC 5280 section 4.2.1.6 asks; usable for TLS servers and
    /// clients (`serverAuth`, `clientAuth`), as Istio's.
    ///
    /// - Parameters and errors as ``serverCertificate(names:lifetime:now:)``.
    package func serverCertificate(
        names: [String], publicKey: Certificate.PublicKey, lifetime: Duration, now: Date
    ) throws -> Certificate {
        if names.isEmpty { throw InvalidServerName(name: "") }
        if let wrong = names.first(where: { !isDNSName($0) }) { throw InvalidServerName(name: wrong) }
        return try leaf(names: names.map { .dnsName($0) }, publicKey: publicKey, lifetime: lifetime, now: now)
    }
}

/// Whether `name` may stand in a certificate as a DNS name (RFC 1123 labels, one leading `*` label allowed).
func isDNSName(_ name: String) -> Bool {
    guard !name.isEmpty, name.utf8.count <= 253 else { return false }
    var labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    if labels.count > 1, labels.first?.elementsEqual("*".utf8) == true { labels.removeFirst() }
    return labels.allSatisfy { label in
        guard let first = label.first, let last = label.last, label.count <= 63 else { return false }
        let dash = UInt8(ascii: "-")
        return first != dash && last != dash && label.allSatisfy { $0 == dash || isLetterOrDigit($0) }
    }
}

private func isLetterOrDigit(_ octet: UInt8) -> Bool {
    switch octet {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: false
    }
}
