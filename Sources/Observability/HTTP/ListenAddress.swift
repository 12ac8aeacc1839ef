/// Where a server listens, as programs are told: `[HOST]:PORT`.
package struct ListenAddress: Hashable, Sendable {
    /// An address or a name; `0.0.0.0` for all IPv4 addresses.
    package var host: String
    /// `1 ... 65535`.
    package var port: Int

    /// All IPv4 addresses, unless `host` says otherwise.
    package init(host: String = "0.0.0.0", port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `:8080` (all addresses), `127.0.0.1:8080`, `localhost:8080` or `[::1]:8080`; nil for anything else.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(digits), 1...65535 ~= port else {
            return nil
        }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            let address = host.dropFirst().dropLast()
            guard address.contains(":"), !address.contains(where: { "[]".contains($0) }) else { return nil }
            self.init(host: String(address), port: port)
        } else {
            guard !host.contains(where: { "[]:".contains($0) || $0.isWhitespace }) else { return nil }
            if host.isEmpty { self.init(port: port) } else { self.init(host: String(host), port: port) }
        }
    }
}
