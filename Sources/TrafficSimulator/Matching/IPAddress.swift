import EnvoyAPI
import SwiftProtobuf

/// An IPv4 or IPv6 address.
struct IPAddress: Hashable {
    /// 4 or 16.
    var bytes: [UInt8]

    /// Nil for what is no address. The zone of an IPv6 address is not looked at.
    init?(_ text: String) {
        let address = text.prefix { $0 != "%" }
        guard let bytes = address.contains(":") ? Self.ipv6(address) : Self.ipv4(address) else { return nil }
        self.bytes = bytes
    }

    var isIPv6: Bool { bytes.count == 16 }
    var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }
    var isLoopback: Bool { isIPv6 ? bytes == IPAddress("::1")?.bytes : bytes[0] == 127 }

    private static func ipv4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { UInt8($0) }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    private static func ipv6(_ text: Substring) -> [UInt8]? {
        guard let gap = text.firstRange(of: "::") else { return groups(text).flatMap { $0.count == 16 ? $0 : nil } }
        guard let head = groups(text[..<gap.lowerBound]), let tail = groups(text[gap.upperBound...]),
            head.count + tail.count <= 14
        else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    /// The bytes of groups of hexadecimal digits; the last one may be an IPv4 address.
    private static func groups(_ text: Substring) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        let groups = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, group) in groups.enumerated() {
            if index == groups.count - 1, group.contains(".") {
                guard let last = ipv4(group) else { return nil }
                bytes += last
            } else {
                guard (1...4).contains(group.count), let value = UInt16(group, radix: 16) else { return nil }
                bytes += [UInt8(value >> 8), UInt8(value & 0xFF)]
            }
        }
        return bytes
    }
}

/// The addresses that begin with the same bits.
struct AddressRange: Hashable {
    var address: IPAddress
    var length: Int

    /// Nil for what is no range. One without a length holds a single address.
    init?(_ range: Envoy_Config_Core_V3_CidrRange) {
        guard let address = IPAddress(range.addressPrefix) else { return nil }
        self.address = address
        length = range.hasPrefixLen ? Int(range.prefixLen.value) : address.bytes.count * 8
        guard length <= address.bytes.count * 8 else { return nil }
    }

    func contains(_ other: IPAddress) -> Bool {
        guard other.bytes.count == address.bytes.count else { return false }
        let whole = length / 8
        guard other.bytes[..<whole] == address.bytes[..<whole] else { return false }
        let rest = length % 8
        guard rest > 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xFF00 >> rest)
        return other.bytes[whole] & mask == address.bytes[whole] & mask
    }
}

extension [Envoy_Config_Core_V3_CidrRange] {
    /// How long the longest of the ranges is that holds an address; nil if none does.
    func bestLength(for address: IPAddress) -> Int? {
        compactMap(AddressRange.init).filter { $0.contains(address) }.map(\.length).max()
    }
}
