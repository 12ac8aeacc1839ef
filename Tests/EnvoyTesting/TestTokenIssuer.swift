import Crypto
import Foundation

/// Issues tokens that proxies verify.
package struct TestTokenIssuer: Sendable {
    private let key = P256.Signing.PrivateKey()

    package init() {}

    /// Its public key, as a JSON Web Key Set.
    package var keySet: String {
        let point = key.publicKey.rawRepresentation
        let (x, y) = (Self.text(point.prefix(32)), Self.text(point.suffix(32)))
        return #"{"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","kid":"test","x":"\#(x)","y":"\#(y)"}]}"#
    }

    /// A signed token.
    ///
    /// - Parameter claims: A JSON object.
    package func token(_ claims: String) throws -> String {
        let head = Self.text(Data(#"{"alg":"ES256","typ":"JWT","kid":"test"}"#.utf8))
        let signed = "\(head).\(Self.text(Data(claims.utf8)))"
        return "\(signed).\(Self.text(try key.signature(for: Data(signed.utf8)).rawRepresentation))"
    }

    /// Base64 for URLs, without padding.
    private static func text(_ bytes: Data) -> String {
        bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
