/// Scheme, host and port of a server's URL.
struct URLParts: Hashable, Sendable {
    var isSecure: Bool
    /// Without the brackets of an IPv6 address.
    var host: String
    var port: Int
    /// From the first slash after the host; may be empty.
    var path: String

    /// Reads `https://host:port/path`; nil for anything else.
    init?(_ url: String) {
        let rest: Substring
        if url.hasPrefix("https://") {
            isSecure = true
            rest = url.dropFirst(8)
        } else if url.hasPrefix("http://") {
            isSecure = false
            rest = url.dropFirst(7)
        } else {
            return nil
        }
        let authority = rest.prefix { $0 != "/" }
        path = String(rest[authority.endIndex...])
        var portText: Substring?
        if authority.hasPrefix("["), let close = authority.firstIndex(of: "]") {
            host = String(authority[authority.index(after: authority.startIndex)..<close])
            let after = authority[authority.index(after: close)...]
            if after.hasPrefix(":") { portText = after.dropFirst() } else if !after.isEmpty { return nil }
        } else if let colon = authority.firstIndex(of: ":") {
            host = String(authority[..<colon])
            portText = authority[authority.index(after: colon)...]
        } else {
            host = String(authority)
        }
        guard !host.isEmpty else { return nil }
        guard let portText else {
            port = isSecure ? 443 : 80
            return
        }
        guard let number = Int(portText), 1...65_535 ~= number else { return nil }
        port = number
    }

    /// The URL with another host in the same place.
    func replacingHost(with name: String) -> String {
        "\(isSecure ? "https" : "http")://\(name.contains(":") ? "[\(name)]" : name):\(port)\(path)"
    }
}
