/// How a registry wants to be asked: the value of `WWW-Authenticate`.
enum RegistryChallenge: Hashable, Sendable {
    case basic
    /// A token of this address is wanted.
    case bearer(realm: String, service: String?, scope: String?)

    /// Nil: it is none that is known.
    init?(parsing header: String) {
        let scheme = header.prefix { $0 != " " }.lowercased()
        let parameters = Self.parameters(header.dropFirst(scheme.count))
        switch scheme {
        case "basic": self = .basic
        case "bearer":
            guard let realm = parameters["realm"] else { return nil }
            self = .bearer(realm: realm, service: parameters["service"], scope: parameters["scope"])
        default: return nil
        }
    }

    /// `name="value", name=value`; a comma within quotes is none.
    private static func parameters(_ text: Substring) -> [String: String] {
        var parameters: [String: String] = [:]
        var rest = text
        while let equals = rest.firstIndex(of: "=") {
            let name = rest[..<equals].drop { $0 == " " || $0 == "," }.lowercased()
            rest = rest[rest.index(after: equals)...]
            let value: Substring
            if rest.hasPrefix("\"") {
                rest = rest.dropFirst()
                value = rest.prefix { $0 != "\"" }
                rest = rest[value.endIndex...].dropFirst()
            } else {
                value = rest.prefix { $0 != "," && $0 != " " }
                rest = rest[value.endIndex...]
            }
            parameters[name] = String(value)
        }
        return parameters
    }

    /// Where a token is asked for.
    static func tokenAddress(_ realm: WebAddress, service: String?, scope: String) -> WebAddress {
        var address = realm
        let query = [("service", service), ("scope", scope)].compactMap { name, value in
            value.map { "\(name)=\(escaped($0))" }
        }
        address.target += (address.target.contains("?") ? "&" : "?") + query.joined(separator: "&")
        return address
    }

    private static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { result, octet in
            let scalar = Unicode.Scalar(octet)
            if octet < 0x80,
                Character(scalar).isLetter || Character(scalar).isNumber || "-._~:/".unicodeScalars.contains(scalar)
            {
                result.unicodeScalars.append(scalar)
            } else {
                result += "%\(digits[Int(octet >> 4)])\(digits[Int(octet & 15)])"
            }
        }
    }
}
