/// What a page says of one metric, before its values.
///
/// ```
///               text format                 OpenMetrics
///  counter      TYPE requests_total counter  TYPE requests counter    values: requests_total, both
///               TYPE requests counter        TYPE requests unknown    values: requests
///  info         TYPE build_info gauge        TYPE build info          values: build_info
///  others       untyped                      unknown
/// ```
struct ExpositionFamily: Hashable, Sendable {
    var name: [UInt8]
    var kind: String?
    /// Escaped as in its format.
    var help: [UInt8]?
    var unit: [UInt8]?

    init(name: [UInt8]) { self.name = name }

    /// The same in the other format.
    ///
    /// - Parameter taken: Whether something else has a name.
    func translated(toOpenMetrics: Bool, taken: ([UInt8]) -> Bool) -> ExpositionFamily {
        toOpenMetrics ? openMetrics(taken) : text
    }

    private func openMetrics(_ taken: ([UInt8]) -> Bool) -> ExpositionFamily {
        var family = self
        if let help { family.help = Self.quotesEscaped(help) }
        switch kind {
        case "counter":
            let suffix = Self.totalSuffix
            let short = Array(name.dropLast(suffix.count))
            if name.ends(with: suffix), !short.isEmpty, !taken(short) {
                family.name = short
            } else {
                family.kind = "unknown"
            }
        case "gauge", "histogram", "summary", nil: break
        default: family.kind = "unknown"
        }
        return family
    }

    private var text: ExpositionFamily {
        var family = self
        if let help { family.help = Self.quotesPlain(help) }
        switch kind {
        case "counter": if !name.ends(with: Self.totalSuffix) { family.name += Self.totalSuffix }
        case "info":
            family.name += Array("_info".utf8)
            family.kind = "gauge"
        case "stateset": family.kind = "gauge"
        case "gauge", "histogram", "summary", nil: break
        default: family.kind = "untyped"
        }
        return family
    }

    private static let totalSuffix = Array("_total".utf8)

    /// `"` becomes `\"`.
    private static func quotesEscaped(_ help: [UInt8]) -> [UInt8] {
        help.flatMap { $0 == UInt8(ascii: "\"") ? [UInt8(ascii: "\\"), $0] : [$0] }
    }

    /// `\"` becomes `"`.
    private static func quotesPlain(_ help: [UInt8]) -> [UInt8] {
        var plain: [UInt8] = []
        var isEscaped = false
        for octet in help {
            if isEscaped {
                if octet != UInt8(ascii: "\"") { plain.append(UInt8(ascii: "\\")) }
                plain.append(octet)
                isEscaped = false
            } else if octet == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                plain.append(octet)
            }
        }
        return isEscaped ? plain + [UInt8(ascii: "\\")] : plain
    }
}

extension [UInt8] {
    fileprivate func ends(with suffix: [UInt8]) -> Bool {
        count >= suffix.count && self[(count - suffix.count)...] == suffix[...]
    }
}
