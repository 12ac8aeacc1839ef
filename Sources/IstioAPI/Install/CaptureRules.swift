package import KubernetesModel

extension TextRule {
    /// What `values.global.proxy.includeIPRanges` and its like hold.
    package static let ipRanges = TextRule(
        "\"*\", or ranges of IP addresses such as 10.0.0.0/8 with commas between them"
    ) { text in
        text == "*" || text.isEmpty || elements(of: text).allSatisfy(isRange)
    }

    /// What `values.global.proxy.includeInboundPorts` and its like hold.
    package static let portNumbers = TextRule("\"*\", or port numbers from 1 to 65535 with commas between them") {
        text in
        text == "*" || text.isEmpty
            || elements(of: text).allSatisfy { $0.first != "+" && UInt16($0).map { $0 > 0 } ?? false }
    }

    private static func elements(of text: String) -> [Substring] {
        text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            let start = part.drop { $0 == " " }
            return start[..<(start.lastIndex { $0 != " " }.map(start.index(after:)) ?? start.startIndex)]
        }
    }

    private static func isRange(_ text: Substring) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let length = number(parts[1]) else { return false }
        return isIPv4(parts[0]) ? length <= 32 : isIPv6(parts[0]) && length <= 128
    }

    private static func isIPv4(_ text: Substring) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { number($0).map { $0 <= 255 } ?? false }
    }

    /// Up to eight groups of hexadecimal digits, at one place of which `::` stands for the missing ones.
    private static func isIPv6(_ text: Substring) -> Bool {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return false }
        let groups = halves.flatMap { $0.isEmpty ? [] : $0.split(separator: ":", omittingEmptySubsequences: false) }
        return (halves.count == 2 ? groups.count < 8 : groups.count == 8)
            && groups.allSatisfy {
                (1...4).contains($0.count) && $0.allSatisfy(\.isHexDigit) && $0.allSatisfy(\.isASCII)
            }
    }

    /// A decimal number of at most three digits.
    private static func number(_ text: Substring) -> Int? {
        guard (1...3).contains(text.count), text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return Int(text)
    }
}
