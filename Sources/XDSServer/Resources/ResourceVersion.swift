/// The version of a resource, or of a set of resources: a hash of what it holds, so that replicas agree on it and equal
/// content has an equal version. Written as sixteen hexadecimal digits.
package struct ResourceVersion: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The version of a resource of these bytes.
    package init(of body: [UInt8]) { rawValue = StableHash.hash(body) }

    /// The version that text stands for, if this server could have written it.
    package init?(_ text: String) {
        guard text.utf8.count == 16, let value = UInt64(text, radix: 16) else { return nil }
        rawValue = value
    }

    /// No resource.
    package static let absent = ResourceVersion(rawValue: 0)
    /// Some resource that this server never wrote.
    static let foreign = ResourceVersion(rawValue: 1)

    package var description: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
