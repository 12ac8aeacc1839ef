/// Where a module is fetched from.
enum ModuleAddress: Hashable, Sendable {
    case web(WebAddress)
    case image(ImageReference)

    init(parsing text: String) throws(ModuleProblem) {
        let prefix = "oci://"
        if text.hasPrefix(prefix) {
            self = .image(try ImageReference(parsing: text.dropFirst(prefix.count)))
        } else if let address = WebAddress(parsing: text) {
            self = .web(address)
        } else {
            throw ModuleProblem("the address \"\(text)\" is neither oci://, https:// nor http://")
        }
    }

    /// `host` or `host:port` of who is asked.
    var authority: String {
        switch self {
        case .web(let address): address.authority
        case .image(let image): image.registry
        }
    }
}

/// An address of the web, as far as fetching needs to know it.
struct WebAddress: Hashable, Sendable, CustomStringConvertible {
    var isEncrypted: Bool
    /// `host` or `host:port`.
    var authority: String
    /// Path and query, with a slash.
    var target: String

    init(isEncrypted: Bool, authority: String, target: String) {
        self.isEncrypted = isEncrypted
        self.authority = authority
        self.target = target
    }

    /// Nil: it is none, or has a user's name in it.
    init?(parsing text: some StringProtocol) {
        let rest: Substring
        if text.hasPrefix("https://") {
            isEncrypted = true
            rest = Substring(text.dropFirst("https://".count))
        } else if text.hasPrefix("http://") {
            isEncrypted = false
            rest = Substring(text.dropFirst("http://".count))
        } else {
            return nil
        }
        let host = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard Self.isAuthority(host), text.utf8.allSatisfy({ 0x20 < $0 && $0 < 0x7F }) else { return nil }
        authority = String(host)
        let target = rest[host.endIndex...].prefix { $0 != "#" }
        self.target = target.hasPrefix("/") ? String(target) : "/\(target)"
    }

    /// Whether a text is `host` or `host:port`: nobody's name in it, and a port that there is.
    static func isAuthority(_ text: some StringProtocol) -> Bool {
        let isBracketed = text.hasPrefix("[")
        let host = isBracketed ? text.prefix { $0 != "]" }.dropFirst() : text.prefix { $0 != ":" }
        let rest = text.dropFirst(host.count + (isBracketed ? 2 : 0))
        guard !host.isEmpty, host.utf8.allSatisfy({ isHostCharacter($0) || isBracketed && $0 == UInt8(ascii: ":") })
        else { return false }
        guard rest.hasPrefix(":") else { return rest.isEmpty && (!isBracketed || text.hasSuffix("]")) }
        let port = rest.dropFirst()
        return port.utf8.count <= 5 && port.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            && (Int(port).map { (1...65535).contains($0) } ?? false)
    }

    private static func isHostCharacter(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// What an answer at this address means with `Location`.
    func redirected(to location: String) -> WebAddress? {
        if location.hasPrefix("//") {
            return WebAddress(parsing: "\(isEncrypted ? "https:" : "http:")\(location)")
        }
        if location.hasPrefix("/") { return WebAddress(parsing: "\(origin)\(location)") }
        return WebAddress(parsing: location)
    }

    var origin: String { "\(isEncrypted ? "https" : "http")://\(authority)" }

    var description: String { origin + target }

    /// Without what follows the path: queries may be as good as passwords.
    var shown: String { origin + target.prefix { $0 != "?" } }
}
