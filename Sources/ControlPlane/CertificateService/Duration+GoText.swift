extension Duration {
    /// Reads a duration as Go's programs are told it: `30m`, `1h30m`, `1.5s`, `250ms`; nil for anything else.
    package init?(goText text: String) {
        if text == "0" {
            self = .zero
            return
        }
        let units: [(name: String, seconds: Double)] = [
            ("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9), ("h", 3600), ("m", 60), ("s", 1),
        ]
        var rest = text[...]
        var seconds = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            guard let value = Double(digits), let unit = units.first(where: { rest.hasPrefix($0.name) }) else {
                return nil
            }
            rest = rest.dropFirst(unit.name.count)
            seconds += value * unit.seconds
        }
        guard seconds < 1e9 else { return nil }
        self = .seconds(seconds)
    }
}
