private let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

/// The bytes of a base64 text (RFC 4648, line breaks allowed); nil if it is none.
package func base64Decoded(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count / 4 * 3)
    var bits: UInt32 = 0
    var digits = 0
    var padding = 0
    for character in text.utf8 {
        switch character {
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: " "), UInt8(ascii: "\t"): continue
        case UInt8(ascii: "="): padding += 1
        default:
            guard padding == 0, let value = value(of: character) else { return nil }
            bits = bits << 6 | value
            digits += 1
            if digits % 4 == 0 {
                bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
                bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
                bytes.append(UInt8(truncatingIfNeeded: bits))
            }
        }
    }
    switch (digits % 4, padding) {
    case (0, 0): break
    case (2, 0), (2, 2): bytes.append(UInt8(truncatingIfNeeded: bits >> 4))
    case (3, 0), (3, 1):
        bytes.append(UInt8(truncatingIfNeeded: bits >> 10))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 2))
    default: return nil
    }
    return bytes
}

private func value(of character: UInt8) -> UInt32? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
}

/// Bytes as base64 with padding, without line breaks.
package func base64Encoded(_ bytes: [UInt8]) -> String {
    let count = (bytes.count + 2) / 3 * 4
    return String(unsafeUninitializedCapacity: count) { text in
        var end = 0
        func append(_ bits: UInt32, digits: Int) {
            for digit in 0..<4 {
                let isPadding = digit >= digits
                text[end] = isPadding ? UInt8(ascii: "=") : alphabet[Int(bits >> UInt32(18 - 6 * digit) & 63)]
                end += 1
            }
        }
        bytes.withUnsafeBufferPointer { bytes in
            let whole = bytes.count / 3 * 3
            for index in stride(from: 0, to: whole, by: 3) {
                let high = UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8
                append(high | UInt32(bytes[index + 2]), digits: 4)
            }
            switch bytes.count - whole {
            case 1: append(UInt32(bytes[whole]) << 16, digits: 2)
            case 2: append(UInt32(bytes[whole]) << 16 | UInt32(bytes[whole + 1]) << 8, digits: 3)
            default: break
            }
        }
        return end
    }
}
