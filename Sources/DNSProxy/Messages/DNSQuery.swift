/// A question to a name server, as far as the agent has to understand it.
struct DNSQuery: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case a
        case aaaa
        /// Anything else.
        case other(UInt16)

        init(_ number: UInt16) {
            self =
                switch number {
                case 1: .a
                case 28: .aaaa
                default: .other(number)
                }
        }
    }

    /// The whole message, as it came.
    let message: [UInt8]
    /// In lower case, without a dot at the end.
    let name: String
    let kind: Kind
    /// The question with its name as it was asked, which answers repeat.
    let question: [UInt8]
    /// Bytes that the asker takes over UDP.
    let payloadLimit: Int
    /// It says that it knows the extension mechanism.
    let hasExtension: Bool

    var identifier: [UInt8] { Array(message[0..<2]) }

    /// Reads a message; nil: it is no question with one name of the Internet's class.
    init?(_ message: [UInt8]) {
        guard message.count >= 12 else { return nil }
        let flags = Self.number(message, 2)
        // A query, of the standard kind, with one question.
        guard flags & 0x8000 == 0, flags & 0x7800 == 0, Self.number(message, 4) == 1 else { return nil }
        var at = 12
        guard let name = Self.readName(message, &at), at + 4 <= message.count, Self.number(message, at + 2) == 1 else {
            return nil
        }
        self.message = message
        self.name = name
        kind = Kind(Self.number(message, at))
        question = Array(message[12..<at + 4])
        at += 4
        let limit = Self.extensionLimit(message, at)
        hasExtension = limit != nil
        payloadLimit = min(max(limit ?? 512, 512), 4096)
    }

    static func number(_ bytes: [UInt8], _ at: Int) -> UInt16 { UInt16(bytes[at]) << 8 | UInt16(bytes[at + 1]) }

    /// A name without compression, which questions do not have.
    private static func readName(_ message: [UInt8], _ at: inout Int) -> String? {
        var labels: [String] = []
        var length = 0
        while at < message.count {
            let count = Int(message[at])
            at += 1
            if count == 0 { return labels.joined(separator: ".").lowercased() }
            length += count + 1
            guard count < 64, length < 255, at + count <= message.count else { return nil }
            labels.append(String(decoding: message[at..<at + count], as: UTF8.self))
            at += count
        }
        return nil
    }

    /// What the OPT record of the additional section says, if there is one right after the question.
    private static func extensionLimit(_ message: [UInt8], _ at: Int) -> Int? {
        guard number(message, 10) > 0, number(message, 6) == 0, number(message, 8) == 0 else { return nil }
        guard at + 5 <= message.count, message[at] == 0, number(message, at + 1) == 41 else { return nil }
        return Int(number(message, at + 3))
    }
}
