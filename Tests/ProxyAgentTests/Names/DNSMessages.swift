import Foundation

/// Just enough of DNS to ask and to read answers.
struct DNSReply: Hashable {
    var bytes: [UInt8]
    var code: UInt8 { bytes[3] & 0x0F }
    var isTruncated: Bool { bytes[2] & 0x02 != 0 }
    var records: [Record] = []

    struct Record: Hashable {
        var name: String
        var kind: UInt16
        var ttl: UInt32
        var data: [UInt8]

        /// An address as people write it.
        var address: String {
            data.count == 4
                ? data.map(String.init).joined(separator: ".")
                : stride(from: 0, to: data.count - 1, by: 2).map {
                    String(UInt16(data[$0]) << 8 | UInt16(data[$0 + 1]), radix: 16)
                }.joined(separator: ":")
        }
    }

    init(_ bytes: [UInt8]) throws {
        guard bytes.count >= 12, bytes[2] & 0x80 != 0 else { throw NotSo("no answer: \(bytes)") }
        self.bytes = bytes
        var at = 12
        func number(_ at: Int) -> Int { Int(bytes[at]) << 8 | Int(bytes[at + 1]) }
        for _ in 0..<number(4) {
            _ = Self.name(bytes, &at)
            at += 4
        }
        for _ in 0..<number(6) {
            let name = Self.name(bytes, &at)
            let count = number(at + 8)
            let ttl = bytes[at + 4..<at + 8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            var data = Array(bytes[at + 10..<at + 10 + count])
            if number(at) == 5 {
                var start = at + 10
                data = Array(Self.name(bytes, &start).utf8)
            }
            records.append(Record(name: name, kind: UInt16(number(at)), ttl: ttl, data: data))
            at += 10 + count
        }
    }

    private static func name(_ bytes: [UInt8], _ at: inout Int) -> String {
        var labels: [String] = []
        while bytes[at] != 0 {
            if bytes[at] >= 0xC0 {
                var there = Int(bytes[at] & 0x3F) << 8 | Int(bytes[at + 1])
                at += 2
                let rest = name(bytes, &there)
                return (labels + (rest.isEmpty ? [] : [rest])).joined(separator: ".")
            }
            let count = Int(bytes[at])
            labels.append(String(decoding: bytes[at + 1..<at + 1 + count], as: UTF8.self))
            at += 1 + count
        }
        at += 1
        return labels.joined(separator: ".")
    }
}

enum DNSMessage {
    static let a: UInt16 = 1
    static let aaaa: UInt16 = 28

    /// A question; with a payload size it says that it knows the extension mechanism.
    static func question(_ name: String, _ kind: UInt16 = a, payload: UInt16? = nil, id: UInt16 = 4711) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(id >> 8), UInt8(id & 0xFF), 1, 0, 0, 1, 0, 0, 0, 0, 0, payload == nil ? 0 : 1]
        for label in name.split(separator: ".") { bytes += [UInt8(label.utf8.count)] + Array(label.utf8) }
        bytes += [0, UInt8(kind >> 8), UInt8(kind & 0xFF), 0, 1]
        if let payload { bytes += [0, 0, 41, UInt8(payload >> 8), UInt8(payload & 0xFF), 0, 0, 0, 0, 0, 0] }
        return bytes
    }
}
