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

    /// The bytes of a part of a token; nil if it is no base64 as URLs have it.
    static func decoded(_ part: some Collection<UInt8>) -> Data? {
        // Bytes, not characters: this is done for every certificate that is asked for.
        var text = Data(
            part.map { octet in
                switch octet {
                case UInt8(ascii: "-"): UInt8(ascii: "+")
                case UInt8(ascii: "_"): UInt8(ascii: "/")
                default: octet
                }
            })
        while text.count % 4 != 0 { text.append(UInt8(ascii: "=")) }
        return Data(base64Encoded: text)
    }
}
