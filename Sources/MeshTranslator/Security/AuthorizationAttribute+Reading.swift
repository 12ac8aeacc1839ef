import MeshModel

extension AuthorizationAttribute {
    /// Reads the key of a condition.
    init?(conditionKey key: String) {
        switch key {
        case "source.ip": self = .sourceAddress
        case "remote.ip": self = .remoteAddress
        case "source.namespace": self = .namespace
        case "source.principal": self = .principal
        case "source.serviceAccount": self = .serviceAccount
        case "source.trustDomain": self = .trustDomain
        case "request.auth.principal": self = .requestPrincipal
        case "request.auth.audiences": self = .claim(["aud"])
        case "request.auth.presenter": self = .claim(["azp"])
        case "destination.ip": self = .destinationAddress
        case "destination.port": self = .destinationPort
        case "connection.sni": self = .serverName
        default:
            guard let (name, parts) = Self.bracketed(key) else { return nil }
            switch name {
            case "request.headers" where parts.count == 1: self = .header(parts[0])
            case "request.auth.claims": self = .claim(parts)
            case _ where name.hasPrefix("experimental.envoy.filters.") && parts.count == 1:
                self = .filterMetadata(filter: String(name.dropFirst("experimental.".count)), key: parts[0])
            default: return nil
            }
        }
    }

    /// Reads `name[part][part]`.
    private static func bracketed(_ key: String) -> (name: String, parts: [String])? {
        guard key.hasSuffix("]"), let open = key.firstIndex(of: "[") else { return nil }
        let inside = key[key.index(after: open)...].dropLast()
        let parts = inside.split(separator: "][", omittingEmptySubsequences: false).map(String.init)
        return parts.allSatisfy { !$0.isEmpty } ? (String(key[..<open]), parts) : nil
    }

    /// Why a value makes no sense; nil if it does.
    func fault(of value: String) -> String? {
        if value.isEmpty { return "must not be empty" }
        switch self {
        case .sourceAddress, .remoteAddress, .destinationAddress:
            return AddressRange(value) == nil ? "is neither an IP address nor a range such as 10.1.0.0/16" : nil
        case .destinationPort:
            let isPort = Int(value).map { (0...65535).contains($0) } ?? false
            return isPort ? nil : "is no port from 0 to 65535"
        case .serviceAccount:
            let parts = value.split(separator: "/", omittingEmptySubsequences: false)
            if parts.count > 2 || parts.contains("") { return "must be written name or namespace/name" }
            return value.contains("*") ? "must not have a *: service accounts are named whole" : nil
        case .path: return PathTemplate.fault(of: value)
        default: return nil
        }
    }
}

/// Paths with `{*}` for one segment and `{**}` for any number of them.
enum PathTemplate {
    static func fault(of path: String) -> String? {
        guard path.contains("{") || path.contains("}") else { return nil }
        guard path.hasPrefix("/") else { return "must begin with /" }
        let whole = path.count > 1 && path.hasSuffix("/") ? path.dropLast() : path[...]
        var isAfterRest = false
        for segment in whole.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            if segment == "{*}" || segment == "{**}" {
                if isAfterRest { return "must not have {*} or {**} behind {**}" }
                isAfterRest = segment == "{**}"
            } else if segment.contains(where: { "{}*".contains($0) }) {
                return "must have {*} and {**} as whole segments, without any other * or brace"
            } else if segment.isEmpty {
                return "must have no empty segments between {*} and {**}"
            } else if !segment.utf8.allSatisfy(isOfPath) {
                return "has what no segment of a path has besides {*} and {**}: \(segment)"
            }
        }
        return nil
    }

    /// What URLs have in their paths, as it stands or by the `%` of an escape.
    private static func isOfPath(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~%!$&'()+,;@=:".utf8.contains(byte)
        }
    }
}
