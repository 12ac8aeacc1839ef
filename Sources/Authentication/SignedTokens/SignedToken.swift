import FoundationEssentials
import KubernetesClient
import KubernetesModel

/// A JSON Web Token in its parts, as it came: nobody has verified it yet (RFC 7515, 7519).
struct SignedToken: Sendable {
    let algorithm: String
    /// Which key it says it is signed with; nil: it does not say.
    let keyID: String?
    let issuer: String
    let subject: String
    let audiences: [String]
    /// Seconds since 1970.
    let expires: Double?
    let notBefore: Double?
    private let signed: Data
    private let signature: Data

    /// Nil for what is none, or none that can be understood whole.
    init?(_ token: Secret<String>) {
        let text = token.exposed.utf8
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, text.count <= TokenClaims.longest, let claims = TokenClaims(token),
            let head = TokenClaims.decoded(parts[0]).flatMap({ try? JSONValue(parsing: $0) }),
            let body = TokenClaims.decoded(parts[1]).flatMap({ try? JSONValue(parsing: $0) }),
            let signature = TokenClaims.decoded(parts[2]), let algorithm = head["alg"]?.string,
            // Who signs something that has to be understood to be valid means it.
            head["crit"] == nil
        else { return nil }
        self.algorithm = algorithm
        keyID = head["kid"]?.string
        issuer = body["iss"]?.string ?? ""
        subject = body["sub"]?.string ?? ""
        audiences = claims.audiences
        expires = claims.expires
        switch body["nbf"] {
        case .integer(let seconds): notBefore = Double(seconds)
        case .double(let seconds): notBefore = seconds
        default: notBefore = nil
        }
        signed = Data(parts[0]) + [UInt8(ascii: ".")] + Data(parts[1])
        self.signature = signature
    }

    /// Whether the owner of one of these keys has signed it.
    func isSigned(byOneOf keys: [JSONWebKey]) -> Bool {
        keys.contains { key in
            (keyID == nil || key.id == nil || key.id == keyID)
                && key.hasSigned(signed, signature, algorithm: algorithm)
        }
    }
}
