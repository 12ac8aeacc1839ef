/// A JSON text has not the structure of one.
struct JSONScanError: Error, Hashable, CustomStringConvertible {
    var problem: String
    /// From 0.
    var offset: Int

    var description: String { "not JSON: \(problem) at byte \(offset)" }
}

/// Finds where values start and end in a JSON text without building them.
struct JSONScanner {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The fields of the object that starts at an offset (white space before it is passed over): name to the range of
    /// the value. No fields if the value is no object. Names are taken as they stand, without escapes resolved.
    func fields(of start: Int) throws(JSONScanError) -> [String: Range<Int>] {
        var position = skipSpace(start)
        guard position < bytes.count, bytes[position] == UInt8(ascii: "{") else { return [:] }
        var fields: [String: Range<Int>] = [:]
        position = skipSpace(position + 1)
        if position < bytes.count, bytes[position] == UInt8(ascii: "}") { return fields }
        while true {
            let nameStart = position
            position = try skipString(position)
            let name = String(decoding: bytes[(nameStart + 1)..<(position - 1)], as: UTF8.self)
            position = skipSpace(position)
            try expect(UInt8(ascii: ":"), at: position)
            let valueStart = skipSpace(position + 1)
            position = try skipValue(valueStart)
            fields[name] = valueStart..<position
            position = skipSpace(position)
            if position < bytes.count, bytes[position] == UInt8(ascii: "}") { return fields }
            try expect(UInt8(ascii: ","), at: position)
            position = skipSpace(position + 1)
        }
    }

    private func expect(_ byte: UInt8, at position: Int) throws(JSONScanError) {
        guard position < bytes.count, bytes[position] == byte else {
            throw JSONScanError(
                problem: "'\(Character(Unicode.Scalar(byte)))' is missing", offset: position)
        }
    }

    private func skipSpace(_ start: Int) -> Int {
        var position = start
        while position < bytes.count, bytes[position] <= 0x20 { position += 1 }
        return position
    }

    /// - Returns: The offset after the closing quote.
    private func skipString(_ start: Int) throws(JSONScanError) -> Int {
        try expect(UInt8(ascii: "\""), at: start)
        var position = start + 1
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""): return position + 1
            case UInt8(ascii: "\\"): position += 2
            default: position += 1
            }
        }
        throw JSONScanError(problem: "a string does not end", offset: start)
    }

    /// - Returns: The offset after the value.
    private func skipValue(_ start: Int) throws(JSONScanError) -> Int {
        var position = start
        var depth = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position = try skipString(position)
                if depth == 0 { return position }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return position }  // after a number or a word
                depth -= 1
                position += 1
                if depth == 0 { return position }
            case UInt8(ascii: ","):
                if depth == 0 { return position }
                position += 1
            default: position += 1
            }
        }
        guard depth == 0 else { throw JSONScanError(problem: "a value does not end", offset: start) }
        return position
    }
}
