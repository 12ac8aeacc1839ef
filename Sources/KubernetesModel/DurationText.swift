/// Times as Kubernetes' and Istio's kinds and the arguments of their programs write them, and as Go does: a sign, then decimal numbers, each with its unit.
package enum DurationText {
    private static let units: [(name: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("\u{B5}s", 1e3), ("\u{3BC}s", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9),
        ("h", 3600e9),
    ]

    /// How long `1h30m`, `1.5s` or `-2ms` is; nil if the text is no duration. `0` alone needs no unit.
    package static func nanoseconds(_ text: String) -> Double? {
        var rest = Substring(text)
        let sign: Double = rest.first == "-" ? -1 : 1
        if rest.first == "-" || rest.first == "+" { rest.removeFirst() }
        if rest == "0" { return 0 }
        guard !rest.isEmpty else { return nil }
        var total = 0.0
        while !rest.isEmpty {
            guard let number = number(&rest), let unit = unit(&rest) else { return nil }
            total += number * unit
        }
        // The longest that 64 bits hold, about 292 years.
        return total < 0x1p63 ? sign * total : nil
    }

    /// Digits with at most one dot among them.
    private static func number(_ rest: inout Substring) -> Double? {
        let text = rest.prefix { $0 == "." || $0.isASCII && $0.isWholeNumber }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.contains(where: { !$0.isEmpty }) else { return nil }
        rest = rest[text.endIndex...]
        return Double("0\(parts[0]).\(parts.count == 2 ? parts[1] : "")0")
    }

    private static func unit(_ rest: inout Substring) -> Double? {
        let name = rest.prefix { $0 != "." && !($0.isASCII && $0.isWholeNumber) }
        rest = rest[name.endIndex...]
        return units.first { $0.name == name }?.nanoseconds
    }
}
