extension JSONValue {
    /// This value as JSON without spaces, keys sorted by their UTF-8 bytes: equal values give equal bytes.
    package var jsonBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1024)
        append(to: &bytes)
        return bytes
    }

    /// `jsonBytes` as text.
    package var jsonText: String { String(decoding: jsonBytes, as: UTF8.self) }

    /// This value as JSON over several lines, indented by two spaces, keys sorted.
    package var prettyJSONText: String {
        var bytes: [UInt8] = []
        append(to: &bytes, indentation: 0)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func append(to bytes: inout [UInt8], indentation: Int? = nil) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): bytes.append(contentsOf: String(value).utf8)
        case .double(let value): bytes.append(contentsOf: JSONValue.text(of: value).utf8)
        case .string(let value): JSONValue.append(quoted: value, to: &bytes)
        case .array(let elements):
            list(elements, open: "[", close: "]", to: &bytes, indentation: indentation) { element, bytes, inner in
                element.append(to: &bytes, indentation: inner)
            }
        case .object(let fields):
            let sorted = fields.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            list(sorted, open: "{", close: "}", to: &bytes, indentation: indentation) { field, bytes, inner in
                JSONValue.append(quoted: field.key, to: &bytes)
                bytes.append(contentsOf: (inner == nil ? ":" : ": ").utf8)
                field.value.append(to: &bytes, indentation: inner)
            }
        }
    }

    private func list<Element>(
        _ elements: [Element], open: String, close: String, to bytes: inout [UInt8], indentation: Int?,
        each: (Element, inout [UInt8], Int?) -> Void
    ) {
        bytes.append(contentsOf: open.utf8)
        let inner = indentation.map { $0 + 1 }
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            if let inner { JSONValue.appendLineBreak(to: &bytes, indentation: inner) }
            each(element, &bytes, inner)
        }
        if let indentation, !elements.isEmpty { JSONValue.appendLineBreak(to: &bytes, indentation: indentation) }
        bytes.append(contentsOf: close.utf8)
    }

    private static func appendLineBreak(to bytes: inout [UInt8], indentation: Int) {
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * indentation))
    }

    private static func text(of value: Double) -> String {
        guard value.isFinite else { return "null" }
        if let integer = Int64(exactly: value), integer.magnitude < 1 << 53 { return String(integer) }
        return "\(value)"
    }

    /// Appends `text` as a JSON string.
    package static func append(quoted text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        let isWritten: Void? = text.utf8.withContiguousStorageIfAvailable { appendRuns(of: $0, to: &bytes) }
        if isWritten == nil { Array(text.utf8).withUnsafeBufferPointer { appendRuns(of: $0, to: &bytes) } }
        bytes.append(UInt8(ascii: "\""))
    }

    /// What needs no escape goes over in runs: that is nearly everything.
    private static func appendRuns(of text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        var start = 0
        for index in text.indices where isEscaped(text[index]) {
            bytes.append(contentsOf: text[start..<index])
            appendEscape(of: text[index], to: &bytes)
            start = index + 1
        }
        bytes.append(contentsOf: text[start...])
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func appendEscape(of byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0..<0x20:
            let hex = String(byte, radix: 16)
            bytes.append(contentsOf: ("u" + String(repeating: "0", count: 4 - hex.count) + hex).utf8)
        default: bytes.append(byte)
        }
    }
}

extension JSONValue: CustomStringConvertible {
    package var description: String { jsonText }
}
