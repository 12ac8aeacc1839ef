import Crypto
import FoundationEssentials
import KubernetesModel
import _CryptoExtras

/// A key by which tokens are verified (RFC 7517).
struct JSONWebKey: Sendable {
    private enum Material: Sendable {
        case rsa(_RSA.Signing.PublicKey)
        case p256(P256.Signing.PublicKey)
        case p384(P384.Signing.PublicKey)
        case p521(P521.Signing.PublicKey)
        case ed25519(Curve25519.Signing.PublicKey)
    }

    /// `kid`; nil: it has none.
    let id: String?
    private let algorithm: String?
    private let material: Material

    /// Those keys of a set that can be used: others may be of kinds for other purposes.
    static func keys(ofSet text: String) -> [JSONWebKey] {
        (((try? JSONValue(parsing: text))?["keys"])?.array ?? []).compactMap { JSONWebKey($0) }
    }

    /// Nil for a key that verifies nothing, of an unknown kind, or too weak: RSA of less than 2048 bits.
    init?(_ json: JSONValue) {
        if let use = json["use"]?.string, use != "sig" { return nil }
        if let operations = json["key_ops"]?.array, !operations.contains("verify") { return nil }
        func bytes(_ name: String) -> Data? { json[name]?.string.flatMap { TokenClaims.decoded($0.utf8) } }
        func point(_ size: Int) -> Data? {
            guard let x = bytes("x"), let y = bytes("y"), x.count == size, y.count == size else { return nil }
            return [4] + x + y
        }
        var found: Material?
        switch (json["kty"]?.string, json["crv"]?.string) {
        case ("RSA", _):
            guard let n = bytes("n"), let e = bytes("e") else { return nil }
            found = (try? _RSA.Signing.PublicKey(n: n, e: e)).map(Material.rsa)
        case ("EC", "P-256"):
            found = point(32).flatMap { try? P256.Signing.PublicKey(x963Representation: $0) }.map(Material.p256)
        case ("EC", "P-384"):
            found = point(48).flatMap { try? P384.Signing.PublicKey(x963Representation: $0) }.map(Material.p384)
        case ("EC", "P-521"):
            found = point(66).flatMap { try? P521.Signing.PublicKey(x963Representation: $0) }.map(Material.p521)
        case ("OKP", "Ed25519"):
            found = bytes("x").flatMap { try? Curve25519.Signing.PublicKey(rawRepresentation: $0) }
                .map(Material.ed25519)
        default: break
        }
        guard let found else { return nil }
        material = found
        id = json["kid"]?.string
        algorithm = json["alg"]?.string
    }

    /// Whether its owner has signed these bytes, in a way that fits the key: what a token calls its algorithm alone
    /// decides nothing.
    func hasSigned(_ bytes: Data, _ signature: Data, algorithm: String) -> Bool {
        guard self.algorithm.map({ $0 == algorithm }) ?? true else { return false }
        switch (material, algorithm) {
        case (.rsa(let key), _): return key.hasSigned(bytes, signature, algorithm: algorithm)
        case (.p256(let key), "ES256"):
            return (try? P256.Signing.ECDSASignature(rawRepresentation: signature))
                .map { key.isValidSignature($0, for: bytes) } ?? false
        case (.p384(let key), "ES384"):
            return (try? P384.Signing.ECDSASignature(rawRepresentation: signature))
                .map { key.isValidSignature($0, for: bytes) } ?? false
        case (.p521(let key), "ES512"):
            return (try? P521.Signing.ECDSASignature(rawRepresentation: signature))
                .map { key.isValidSignature($0, for: bytes) } ?? false
        case (.ed25519(let key), "EdDSA"): return key.isValidSignature(signature, for: bytes)
        default: return false
        }
    }
}

extension _RSA.Signing.PublicKey {
    fileprivate func hasSigned(_ bytes: Data, _ signature: Data, algorithm: String) -> Bool {
        let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
        switch algorithm {
        case "RS256": return isValidSignature(signature, for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5)
        case "RS384": return isValidSignature(signature, for: SHA384.hash(data: bytes), padding: .insecurePKCS1v1_5)
        case "RS512": return isValidSignature(signature, for: SHA512.hash(data: bytes), padding: .insecurePKCS1v1_5)
        case "PS256": return isValidSignature(signature, for: SHA256.hash(data: bytes), padding: .PSS)
        case "PS384": return isValidSignature(signature, for: SHA384.hash(data: bytes), padding: .PSS)
        case "PS512": return isValidSignature(signature, for: SHA512.hash(data: bytes), padding: .PSS)
        default: return false
        }
    }
}
