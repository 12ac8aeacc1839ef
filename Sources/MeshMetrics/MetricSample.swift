/// A line of Prometheus' text format: a name, labels and a value.
struct MetricSample {
    var name: String
    var labels: [(name: String, value: String)]
    /// The upper bound of a bucket; nil for anything but buckets.
    var bound: String?
    var value: String

    /// Nil for what is no such line.
    init?(_ line: some Collection<UInt8>) {
        var rest = Substring(decoding: line, as: UTF8.self)
        guard let end = rest.firstIndex(where: { $0 == "{" || $0 == " " }) else { return nil }
        name = String(rest[..<end])
        labels = []
        rest = rest[end...]
        if rest.first == "{" {
            rest.removeFirst()
            while let first = rest.first, first != "}" {
                guard let equals = rest.firstIndex(of: "=") else { return nil }
                let label = String(rest[..<equals])
                rest = rest[rest.index(after: equals)...]
                guard let value = Self.quoted(&rest) else { return nil }
                if label == "le" { bound = value } else { labels.append((label, value)) }
                if rest.first == "," { rest.removeFirst() }
            }
            guard rest.first == "}" else { return nil }
            rest.removeFirst()
        }
        value = String(rest.drop { $0 == " " })
        guard !value.isEmpty else { return nil }
    }

    /// Takes a value in quotation marks off the front.
    private static func quoted(_ rest: inout Substring) -> String? {
        guard rest.first == "\"" else { return nil }
        var value = ""
        var index = rest.index(after: rest.startIndex)
        while index < rest.endIndex {
            switch rest[index] {
            case "\"":
                rest = rest[rest.index(after: index)...]
                return value
            case "\\":
                index = rest.index(after: index)
                guard index < rest.endIndex else { return nil }
                value.append(rest[index] == "n" ? "\n" : rest[index])
            default: value.append(rest[index])
            }
            index = rest.index(after: index)
        }
        return nil
    }

    /// A label as text.
    static func text(_ name: String, _ value: String) -> String {
        guard value.contains(where: { $0 == "\\" || $0 == "\"" || $0.isNewline }) else { return "\(name)=\"\(value)\"" }
        let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
        return "\(name)=\"\(escaped)\""
    }
}

extension Substring {
    fileprivate init(decoding bytes: some Collection<UInt8>, as encoding: UTF8.Type) {
        self = String(decoding: bytes, as: encoding)[...]
    }
}
