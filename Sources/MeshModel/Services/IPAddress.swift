/// An IPv4 or IPv6 address.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// Four or sixteen bytes.
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }

    /// Reads `10.0.0.1` or `fd00::1`; nil for anything else.
    package init?(_ text: String) {
        guard let bytes = text.utf8.contains(UInt8(ascii: ":")) ? Self.version6(text) : Self.version4(text) else {
            return nil
        }
        self.bytes = bytes
    }

    package var isIPv6: Bool { bytes.count == 16 }

    /// Whether it is one machine's, and reachable from others: no loopback, link-local or multicast address.
    package var isGlobalUnicast: Bool {
        if isIPv6 {
            let isLinkLocal = bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80
            return !isLinkLocal && bytes[0] != 0xff && bytes.dropLast().contains { $0 != 0 }
        }
        let isLinkLocal = bytes[0] == 169 && bytes[1] == 254
        return !isLinkLocal && bytes[0] != 127 && !(224...239).contains(bytes[0]) && bytes != [0, 0, 0, 0]
            && bytes != [255, 255, 255, 255]
    }

    private static func version4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), part == "0" || !part.hasPrefix("0"),
                let byte = UInt8(part)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func version6(_ text: String) -> [UInt8]? {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false).map(String.init)
        guard let first = halves.first, let last = halves.last, halves.count <= 2 else { return nil }
        guard halves.count == 2 else { return groups(of: first, mayEndInVersion4: true).filling(16) }
        guard let head = groups(of: first, mayEndInVersion4: false),
            let tail = groups(of: last, mayEndInVersion4: true), head.count + tail.count <= 14
        else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    /// What is on one side of a `::`.
    private static func groups(of half: String, mayEndInVersion4: Bool) -> [UInt8]? {
        guard !half.isEmpty else { return [] }
        var bytes: [UInt8] = []
        let parts = half.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if mayEndInVersion4, index == parts.count - 1, part.contains(".") {
                guard let four = version4(part) else { return nil }
                bytes += four
            } else {
                guard let two = group(part) else { return nil }
                bytes += two
            }
        }
        return bytes
    }

    private static func group(_ text: Substring) -> [UInt8]? {
        guard (1...4).contains(text.utf8.count), text.first?.isHexDigit ?? false, let value = UInt16(text, radix: 16)
        else { return nil }
        return [UInt8(value >> 8), UInt8(value & 0xFF)]
    }

    package var description: String {
        guard isIPv6 else { return bytes.map(String.init).joined(separator: ".") }
        let groups = stride(from: 0, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        guard let zeros = longestZeros(groups) else { return Self.text(groups[...]) }
        return "\(Self.text(groups[..<zeros.lowerBound]))::\(Self.text(groups[zeros.upperBound...]))"
    }

    /// The first of the longest runs of zero groups, if it has at least two.
    private func longestZeros(_ groups: [UInt16]) -> Range<Int>? {
        var longest = 0..<0
        var start = 0
        for index in groups.indices {
            guard groups[index] == 0 else {
                start = index + 1
                continue
            }
            if index + 1 - start > longest.count { longest = start..<(index + 1) }
        }
        return longest.count >= 2 ? longest : nil
    }

    private static func text(_ groups: ArraySlice<UInt16>) -> String {
        groups.map { String($0, radix: 16) }.joined(separator: ":")
    }
}

extension [UInt8]? {
    /// The bytes, if they are just as many.
    fileprivate func filling(_ count: Int) -> [UInt8]? { self?.count == count ? self : nil }
}
