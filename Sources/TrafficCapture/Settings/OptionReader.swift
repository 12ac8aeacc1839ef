/// Reads texts of options, and collects what is wrong with them.
struct OptionReader {
    private(set) var faults: [String] = []

    mutating func port(_ text: String, _ option: String) -> UInt16 {
        guard let port = Self.port(text) else {
            faults.append("\(option): \"\(text)\" is no port: write a number from 1 to 65535")
            return 1
        }
        return port
    }

    mutating func ports(_ text: String, _ option: String) -> [UInt16] {
        elements(text).map { port($0, option) }
    }

    mutating func number(_ text: String, _ option: String) -> UInt32 {
        let number = text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) : UInt32(text)
        guard let number, number > 0 else {
            faults.append("\(option): \"\(text)\" is no number from 1 to \(UInt32.max)")
            return 1
        }
        return number
    }

    mutating func mode(_ text: String, _ option: String) -> CaptureSettings.InterceptionMode {
        guard let mode = CaptureSettings.InterceptionMode(rawValue: text) else {
            faults.append("\(option): \"\(text)\" is no mode: write REDIRECT, TPROXY or NONE")
            return .redirect
        }
        return mode
    }

    mutating func ranges(_ text: String, _ option: String) -> [AddressRange] {
        elements(text).compactMap { element in
            if let range = AddressRange(element) { return range }
            faults.append(
                element == "*"
                    ? "\(option): \"*\" cannot stand here: name the ranges"
                    : "\(option): \"\(element)\" is no range of addresses: write it like 10.0.0.0/8 or fd00::/8")
            return nil
        }
    }

    /// Part of 127.0.0.0/8: calls of what is beyond would no longer be captured.
    mutating func loopback(_ text: String, _ option: String) -> String {
        guard let range = AddressRange(text), range.family == .ipv4, range.isLoopback, range.length >= 8 else {
            faults.append("\(option): \"\(text)\" is no range within 127.0.0.0/8: write it like 127.0.0.1/32")
            return "127.0.0.1/32"
        }
        return range.description
    }

    /// Groups that stand in one rule together.
    mutating func selectedOwners(_ text: String, _ option: String) -> [String] {
        let owners = owners(text, option)
        if owners.count > Self.ownersOfARule {
            faults.append(
                "\(option): \(owners.count) groups are more than the \(Self.ownersOfARule) that a rule can name")
        }
        return owners
    }

    private static let ownersOfARule = 64

    mutating func owners(_ text: String, _ option: String) -> [String] {
        names(text, option, kind: "user or group", limit: 32)
    }

    mutating func interfaces(_ text: String, _ option: String) -> [String] {
        names(text, option, kind: "interface", limit: 15)
    }

    private mutating func names(_ text: String, _ option: String, kind: String, limit: Int) -> [String] {
        elements(text).filter { element in
            let isName =
                element.utf8.count <= limit && element.utf8.first != 0x2d
                && element.utf8.allSatisfy { Self.allowed.contains($0) }
            if !isName { faults.append("\(option): \"\(element)\" is no name of a \(kind)") }
            return isName
        }
    }

    private func elements(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty }
    }

    private static func port(_ text: String) -> UInt16? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(text), port > 0 else {
            return nil
        }
        return port
    }

    private static let allowed = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+@:".utf8)
}
