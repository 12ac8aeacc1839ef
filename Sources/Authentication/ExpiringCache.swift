/// Values that are kept for a while, at most so many; a value, told the time.
package struct ExpiringCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry: Sendable {
        var value: Value
        var until: Double
    }

    private let capacity: Int
    private var entries: [Key: Entry] = [:]

    /// - Parameter capacity: At least 1.
    package init(capacity: Int) { self.capacity = max(1, capacity) }

    package var count: Int { entries.count }

    /// The value, if it is still good.
    ///
    /// - Parameter now: Seconds since whenever, the same for all calls.
    package func value(for key: Key, now: Double) -> Value? {
        entries[key].flatMap { now < $0.until ? $0.value : nil }
    }

    /// Keeps a value. In a full cache those that have ended make room, or else those that end next.
    package mutating func keep(_ value: Value, for key: Key, until: Double, now: Double) {
        guard now < until else {
            entries.removeValue(forKey: key)
            return
        }
        if entries[key] == nil, entries.count >= capacity {
            entries = entries.filter { now < $0.value.until }
            if entries.count >= capacity {
                // A tenth at once, so that a flood of new keys does not sort for every one.
                let victims = entries.sorted { $0.value.until < $1.value.until }.prefix(max(1, capacity / 10))
                for victim in victims { entries.removeValue(forKey: victim.key) }
            }
        }
        entries[key] = Entry(value: value, until: until)
    }
}
