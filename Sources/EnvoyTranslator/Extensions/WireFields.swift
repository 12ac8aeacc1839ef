/// The fields of an encoded message, in order, without knowing what they mean.
struct WireFields {
    struct Field {
        var number: Int
        /// With tag.
        var encoded: ArraySlice<UInt8>
        /// Of a field that holds bytes.
        var content: ArraySlice<UInt8>?
    }

    let fields: [Field]

    /// Nil: these are not the bytes of a message.
    init?(_ bytes: ArraySlice<UInt8>) {
        var fields: [Field] = []
        var rest = bytes
        while !rest.isEmpty {
            let start = rest.startIndex
            guard let tag = Self.varint(&rest) else { return nil }
            var content: ArraySlice<UInt8>?
            switch tag & 7 {
            case 0: guard Self.varint(&rest) != nil else { return nil }
            case 1: guard Self.skip(8, &rest) else { return nil }
            case 5: guard Self.skip(4, &rest) else { return nil }
            case 2:
                guard let length = Self.varint(&rest), length <= UInt64(rest.count) else { return nil }
                content = rest.prefix(Int(length))
                rest = rest.dropFirst(Int(length))
            default: return nil
            }
            fields.append(Field(number: Int(tag >> 3), encoded: bytes[start..<rest.startIndex], content: content))
        }
        self.fields = fields
    }

    private static func skip(_ count: Int, _ rest: inout ArraySlice<UInt8>) -> Bool {
        guard rest.count >= count else { return false }
        rest = rest.dropFirst(count)
        return true
    }

    private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = rest.popFirst() {
            guard shift < 64 else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        return nil
    }
}

extension [UInt8] {
    /// A field that holds bytes.
    mutating func appendField(_ number: Int, _ content: some Collection<UInt8>) {
        append(varint: UInt64(number) << 3 | 2)
        append(varint: UInt64(content.count))
        append(contentsOf: content)
    }

    private mutating func append(varint value: UInt64) {
        var value = value
        while value >= 0x80 {
            append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        append(UInt8(value))
    }
}
