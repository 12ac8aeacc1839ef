/// Some metrics that an agent counts by one of Envoy's logs. The log's name tells them: `connections/ocsr`.
package protocol LogCounts: OptionSet, Hashable, Sendable where RawValue == UInt8 {
    /// What names of such logs begin with.
    static var prefix: String { get }
    /// In the order of names.
    static var letters: [(Self, Character)] { get }
}

extension LogCounts {
    /// The name of a log by which this is counted.
    package var logName: String {
        Self.prefix + Self.letters.filter { isSuperset(of: $0.0) }.map { String($0.1) }.joined()
    }

    /// Reads what `logName` writes; nil for the log of anything else.
    package init?(logName: String) {
        guard logName.hasPrefix(Self.prefix) else { return nil }
        self = []
        for letter in logName.dropFirst(Self.prefix.count) {
            guard let counted = Self.letters.first(where: { $0.1 == letter })?.0 else { return nil }
            formUnion(counted)
        }
    }
}
