/// When what is fetched: a value, told the time.
///
/// ```
///   wanted ──► due ──► under way ──┬─ came ──► due again after `refresh`
///                        ▲         └─ failed ► due again after a while that doubles, up to `refresh`
///                        └───────────────────────┘
/// ```
/// What came once stays while later fetches fail: an issuer of keys that is away must not lock everybody out.
package struct FetchSchedule<Source: Hashable & Comparable & Sendable>: Sendable {
    package struct Timing: Hashable, Sendable {
        /// Between a success and the next fetch.
        package var refresh: Duration = .seconds(20 * 60)
        /// After the first failure.
        package var retry: Duration = .seconds(1)

        package init() {}
    }

    private struct Entry {
        var timeout: Duration
        /// Nil while a fetch is under way.
        var due: ContinuousClock.Instant?
        var failures = 0
    }

    private let timing: Timing
    private var entries: [Source: Entry] = [:]

    package init(_ timing: Timing = .init()) { self.timing = timing }

    /// What is wanted.
    package var sources: Set<Source> { Set(entries.keys) }

    /// Takes over what is wanted from now on.
    ///
    /// - Returns: What is not wanted any more.
    package mutating func want(_ wanted: [Source: Duration], now: ContinuousClock.Instant) -> [Source] {
        let dropped = entries.keys.filter { wanted[$0] == nil }
        for source in dropped { entries[source] = nil }
        for (source, timeout) in wanted {
            entries[source, default: Entry(timeout: timeout, due: now)].timeout = timeout
        }
        return dropped.sorted()
    }

    /// What has to be fetched now; it is under way from then on, each once at a time.
    package mutating func takeDue(now: ContinuousClock.Instant) -> [(source: Source, timeout: Duration)] {
        let due = entries.filter { $0.value.due.map { $0 <= now } ?? false }.keys.sorted()
        return due.map { source in
            entries[source]?.due = nil
            return (source, entries[source]?.timeout ?? .seconds(5))
        }
    }

    /// Notes how a fetch ended.
    ///
    /// - Returns: Whether anybody still wants to know.
    package mutating func ended(
        _ source: Source, hasCome: Bool, now: ContinuousClock.Instant
    ) -> Bool {
        guard var entry = entries[source] else { return false }
        if hasCome {
            entry.failures = 0
            entry.due = now + timing.refresh
        } else {
            entry.due = now + min(timing.refresh, timing.retry * (1 << min(entry.failures, 20)))
            entry.failures += 1
        }
        entries[source] = entry
        return true
    }

    /// When something is due next, if nothing changes.
    package var nextDue: ContinuousClock.Instant? { entries.values.compactMap(\.due).min() }
}
