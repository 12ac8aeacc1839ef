import KubernetesClient

/// Whose certificates API servers accept from a webhook's server: certificates in PEM, as a set, as a configuration has
/// them.
package struct CABundle: Hashable, Sendable {
    /// Base64 of PEM, as `caBundle` has it.
    package var text: String
    /// Its certificates, without the white space that makes no difference.
    private var certificates: [String]

    package init(pem: String) {
        text = base64Encoded(Array(pem.utf8))
        certificates = Self.certificates(of: pem)
    }

    /// Reads a `caBundle`. What is no PEM is one strange certificate.
    package init(_ text: String) {
        self.text = text
        let pem = base64Decoded(text).map { String(decoding: $0, as: UTF8.self) } ?? text
        certificates = Self.certificates(of: pem)
    }

    /// Whether whoever accepts these accepts the others too.
    package func covers(_ other: CABundle) -> Bool { Set(certificates).isSuperset(of: other.certificates) }

    /// Both, this one's first.
    package func merged(with other: CABundle) -> CABundle {
        let all = certificates + other.certificates.filter { !certificates.contains($0) }
        let pem = all.map { "\(Self.begin)\n\($0)\n\(Self.end)\n" }.joined()
        return CABundle(pem: pem)
    }

    private static let begin = "-----BEGIN CERTIFICATE-----"
    private static let end = "-----END CERTIFICATE-----"

    private static func certificates(of pem: String) -> [String] {
        var found: [String] = []
        var block: [Substring]?
        for line in pem.split(whereSeparator: \.isNewline) {
            let line = line.trimmed
            switch String(line) {
            case begin: block = []
            case end:
                if let block, !block.isEmpty { found.append(block.joined(separator: "\n")) }
                block = nil
            default: block?.append(line)
            }
        }
        return found.isEmpty && !pem.isEmpty ? [pem] : found
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var rest = drop(while: \.isWhitespace)
        while rest.last?.isWhitespace ?? false { rest.removeLast() }
        return rest
    }
}
