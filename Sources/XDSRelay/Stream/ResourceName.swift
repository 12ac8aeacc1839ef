import FoundationEssentials

/// Finds the name in the bytes of a resource: field 1, a string, in every kind that proxies ask for.
enum ResourceName {
    /// Nil: there is none, or the bytes are no message.
    static func read(_ message: Data) -> String? {
        var at = message.startIndex
        while at < message.endIndex {
            guard let key = varint(message, &at) else { return nil }
            switch key & 7 {
            case 0: guard varint(message, &at) != nil else { return nil }
            case 1: at += 8
            case 2:
                guard let length = varint(message, &at), length <= UInt64(message.endIndex - at) else { return nil }
                let end = at + Int(length)
                if key >> 3 == 1 { return String(validating: message[at..<end], as: UTF8.self) }
                at = end
            case 5: at += 4
            default: return nil
            }
        }
        return nil
    }

    private static func varint(_ message: Data, _ at: inout Data.Index) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard at < message.endIndex else { return nil }
            let byte = message[at]
            at += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }
}
