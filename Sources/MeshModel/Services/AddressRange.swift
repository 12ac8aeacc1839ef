/// A range of IP addresses, such as `10.1.0.0/16`. Bits beyond its length have no meaning and are zero.
package struct AddressRange: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Four or sixteen bytes.
    package let bytes: [UInt8]
    /// How many leading bits count.
    package let length: Int

    /// Reads an address with or without `/LENGTH`; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(String(first)) else { return nil }
        let width = address.bytes.count * 8
        guard parts.count == 2 else {
            self.init(address.bytes, length: width)
            return
        }
        guard let length = Int(parts[1]), (0...width).contains(length), parts[1].allSatisfy(\.isNumber) else {
            return nil
        }
        self.init(address.bytes, length: length)
    }

    private init(_ bytes: [UInt8], length: Int) {
        self.bytes = bytes.enumerated().map { index, byte in
            let kept = min(8, max(0, length - index * 8))
            return kept == 0 ? 0 : byte & (0xFF << UInt8(8 - kept))
        }
        self.length = length
    }

    package var isIPv6: Bool { bytes.count == 16 }
    /// Whether it is one address alone.
    package var isSingle: Bool { length == bytes.count * 8 }
    /// Its first address.
    package var address: String { IPAddress(bytes: bytes).description }

    package var description: String { "\(address)/\(length)" }

    /// Whether an address is in it.
    package func contains(_ address: IPAddress) -> Bool {
        address.bytes.count == bytes.count && AddressRange(address.bytes, length: length).bytes == bytes
    }

    package static func < (left: AddressRange, right: AddressRange) -> Bool {
        if left.bytes.count != right.bytes.count { return left.bytes.count < right.bytes.count }
        if left.bytes != right.bytes { return left.bytes.lexicographicallyPrecedes(right.bytes) }
        return left.length < right.length
    }
}
