/// The labels of one time series: names and values, sorted by name, each name once.
package struct MetricLabels: Hashable, Sendable {
    /// The pairs in order of their names.
    package let pairs: [Pair]

    /// One label.
    package struct Pair: Hashable, Sendable {
        /// A legal label name.
        package var name: String
        /// Any text.
        package var value: String
    }

    /// No labels.
    package static let none = MetricLabels([])

    /// Labels from pairs in any order. Names that the exposition format forbids get `_` for each forbidden character;
    /// of equal names the last one counts. `le`, which histograms need for themselves, becomes `exported_le`.
    package init(_ pairs: some Sequence<(String, String)>) {
        var byName: [String: String] = [:]
        for (name, value) in pairs {
            let legal = metricIdentifier(name, allowsColon: false)
            byName[legal == "le" ? "exported_le" : legal] = value
        }
        self.pairs = byName.sorted { $0.key < $1.key }.map { Pair(name: $0.key, value: $0.value) }
    }
}

extension MetricLabels: ExpressibleByDictionaryLiteral {
    /// Labels as `["reason": "conflict"]`.
    package init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }
}

/// `text` with every character outside `[a-zA-Z0-9_]` (and `:` for metric names) replaced by `_`; a leading digit
/// gets a `_` before it.
func metricIdentifier(_ text: String, allowsColon: Bool) -> String {
    let isLegal: (UInt8) -> Bool = { octet in
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        case UInt8(ascii: ":"): allowsColon
        default: false
        }
    }
    var octets = text.utf8.map { isLegal($0) ? $0 : UInt8(ascii: "_") }
    if octets.first.map({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) ?? true {
        octets.insert(UInt8(ascii: "_"), at: 0)
    }
    return String(decoding: octets, as: UTF8.self)
}
