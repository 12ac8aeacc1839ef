/// A range of addresses in CIDR form, or one address.
package struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    package let family: AddressFamily
    /// As it was written, with a prefix length.
    package let description: String
    /// Whether the address itself is one of the host's own.
    package let isLoopback: Bool
    /// How many of its first bits all addresses share.
    package let length: Int

    /// `nil` if the text is no address and no range.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let address = parts.first, parts.count <= 2 else { return nil }
        let bits: Int
        if let octets = Self.octets(address) {
            (family, bits, isLoopback) = (.ipv4, 32, octets[0] == 127)
        } else if let groups = IPv6Groups(address) {
            (family, bits, isLoopback) = (.ipv6, 128, groups.isLoopback)
        } else {
            return nil
        }
        guard parts.count == 2 else {
            description = "\(address)/\(bits)"
            self.length = bits
            return
        }
        guard !parts[1].isEmpty, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let length = Int(parts[1]), (0...bits).contains(length)
        else { return nil }
        description = "\(address)/\(length)"
        self.length = length
    }

    private static func octets(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let octets = parts.compactMap { part in
            part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt8(part) : nil
        }
        return parts.count == 4 && octets.count == 4 ? octets : nil
    }
}

/// The families that are captured apart.
package enum AddressFamily: String, Sendable, Hashable, CaseIterable {
    case ipv4, ipv6
}

/// The eight groups of an IPv6 address, checked as far as rules need it.
private struct IPv6Groups {
    var groups: [UInt16]

    init?(_ text: Substring) {
        guard text.contains(":"), text.utf8.allSatisfy({ $0 == 0x3a || $0 == 0x2e || Self.isHexadecimal($0) }) else {
            return nil
        }
        var halves: [Substring] = []
        var rest = text
        while let gap = rest.firstDoubleColon {
            halves.append(rest[..<gap])
            rest = rest[rest.index(gap, offsetBy: 2)...]
        }
        halves.append(rest)
        guard halves.count <= 2 else { return nil }
        var parsed: [[UInt16]] = []
        for half in halves {
            guard let groups = Self.groups(half) else { return nil }
            parsed.append(groups)
        }
        let count = parsed.reduce(0) { $0 + $1.count }
        if parsed.count == 1 {
            guard count == 8 else { return nil }
            groups = parsed[0]
        } else {
            guard count <= 7 else { return nil }
            groups = parsed[0] + Array(repeating: 0, count: 8 - count) + parsed[1]
        }
    }

    var isLoopback: Bool { groups == [0, 0, 0, 0, 0, 0, 0, 1] }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }

    private static func groups(_ text: Substring) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        for part in text.split(separator: ":", omittingEmptySubsequences: false) {
            if part.contains(".") {
                guard let embedded = AddressRange(String(part)), embedded.family == .ipv4 else { return nil }
                let octets = part.split(separator: ".").compactMap { UInt16($0) }
                groups += [octets[0] << 8 | octets[1], octets[2] << 8 | octets[3]]
            } else {
                guard part.count <= 4, let group = UInt16(part, radix: 16) else { return nil }
                groups.append(group)
            }
        }
        return groups
    }
}

extension Substring {
    fileprivate var firstDoubleColon: Index? {
        var index = startIndex
        while index < endIndex {
            let next = self.index(after: index)
            if next < endIndex, self[index] == ":", self[next] == ":" { return index }
            index = next
        }
        return nil
    }
}
