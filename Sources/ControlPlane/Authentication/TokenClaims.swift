import FoundationEssentials
package import KubernetesClient
import KubernetesModel

/// What a token says of itself: believed only where that makes things stricter, for nobody has verified it.
package struct TokenClaims: Hashable, Sendable {
    package var audiences: [String]
    /// Seconds since 1970; nil: it does not end by itself.
    package var expires: Double?

    /// Reads the payload of a JSON Web Token; nil for what is none.
    package init?(_ token: Secret<String>) {
        let parts = token.exposed.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }), token.exposed.utf8.count <= TokenClaims.longest,
            let payload = TokenClaims.decoded(parts[1]), let json = try? JSONValue(parsing: payload),
            json.object != nil
        else { return nil }
        switch json["aud"] {
        case .string(let audience): audiences = [audience]
        case .array(let list): audiences = list.compactMap(\.string)
        default: audiences = []
        }
        switch json["exp"] {
        case .integer(let seconds): expires = Double(seconds)
        case .double(let seconds): expires = seconds
        default: expires = nil
        }
    }

    /// Bytes of a token; those of ServiceAccounts have about a thousand.
    package static let longest = 16 * 1024

    private static func decoded(_ part: Substring.UTF8View) -> Data? {
        var text = String(decoding: part, as: UTF8.self)
        text = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Data(base64Encoded: text)
    }
}
