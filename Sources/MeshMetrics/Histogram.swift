/// Values counted by size.
package struct Histogram: Hashable, Sendable {
    /// The upper bounds of all buckets but the last, ascending.
    package let bounds: [Double]
    /// Of each bucket alone; empty as long as nothing is counted.
    private var counts: [UInt64] = []
    /// Of all values.
    package private(set) var sum = 0.0

    /// Nothing is counted yet.
    ///
    /// - Parameter bounds: The upper bounds of all buckets but the last, ascending.
    package init(_ bounds: [Double]) { self.bounds = bounds }

    /// How many values there are.
    package var count: UInt64 { counts.reduce(0, &+) }

    /// How many values are at most as large as each bound.
    package var cumulative: [(bound: Double, count: UInt64)] {
        var total: UInt64 = 0
        return bounds.indices.map { index in
            total &+= counts.isEmpty ? 0 : counts[index]
            return (bounds[index], total)
        }
    }

    /// Counts a value.
    package mutating func add(_ value: Double) {
        if counts.isEmpty { counts = .init(repeating: 0, count: bounds.count + 1) }
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] &+= 1
        sum += value
    }

    /// Counts those of another one with the same bounds.
    package mutating func add(_ other: Histogram) {
        guard !other.counts.isEmpty, other.bounds == bounds else { return }
        if counts.isEmpty { counts = .init(repeating: 0, count: bounds.count + 1) }
        for index in counts.indices { counts[index] &+= other.counts[index] }
        sum += other.sum
    }
}
