/// When to act on changes: not at the first of many, and not only after the last of an endless row.
///
/// Keys wait until nothing came for the quiet period, or until the first has waited for the longest delay. Urgent keys
/// (changes of endpoints) go at once, but keep a distance from each other.
package struct Debounce<Key: Hashable & Sendable>: Sendable {
    package struct Timing: Hashable, Sendable {
        /// So long nothing may come before what came is acted upon.
        package var quietPeriod: Duration = .milliseconds(100)
        /// Nothing waits longer.
        package var longestDelay: Duration = .seconds(10)
        /// The distance between urgent batches.
        package var urgentInterval: Duration = .milliseconds(10)

        package init() {}
    }

    /// What to act upon now.
    package struct Batch: Hashable, Sendable {
        package var keys: Set<Key>
        /// Only urgent ones: what waits its time is not part of it.
        package var isUrgent: Bool
        /// When the first of them came.
        package var since: ContinuousClock.Instant
    }

    /// Keys that wait, since the first and the last of them came.
    private struct Waiting: Sendable {
        var keys: Set<Key>
        var first: ContinuousClock.Instant
        var last: ContinuousClock.Instant

        mutating func add(_ more: Set<Key>, _ now: ContinuousClock.Instant) {
            keys.formUnion(more)
            last = max(last, now)
        }
    }

    package let timing: Timing
    private var patient: Waiting?
    private var urgent: Waiting?
    private var lastUrgent: ContinuousClock.Instant?

    package init(_ timing: Timing = Timing()) { self.timing = timing }

    /// Notes changes; ask ``next(now:)`` afterwards.
    package mutating func add(_ keys: Set<Key>, isUrgent: Bool = false, now: ContinuousClock.Instant) {
        guard !keys.isEmpty else { return }
        if isUrgent {
            if urgent?.add(keys, now) == nil { urgent = Waiting(keys: keys, first: now, last: now) }
        } else {
            if patient?.add(keys, now) == nil { patient = Waiting(keys: keys, first: now, last: now) }
        }
    }

    /// When ``next(now:)`` has something; nil: nothing waits.
    package var nextDeadline: ContinuousClock.Instant? { [patientDue, urgentDue].compactMap { $0 }.min() }

    /// What is due. A batch of patient keys takes the urgent ones along.
    package mutating func next(now: ContinuousClock.Instant) -> Batch? {
        if let due = patientDue, due <= now, let waiting = patient {
            let taken = urgent
            patient = nil
            urgent = nil
            if taken != nil { lastUrgent = now }
            return Batch(
                keys: waiting.keys.union(taken?.keys ?? []), isUrgent: false,
                since: min(waiting.first, taken?.first ?? waiting.first))
        }
        guard let due = urgentDue, due <= now, let waiting = urgent else { return nil }
        urgent = nil
        lastUrgent = now
        return Batch(keys: waiting.keys, isUrgent: true, since: waiting.first)
    }

    private var patientDue: ContinuousClock.Instant? {
        patient.map { min($0.last + timing.quietPeriod, $0.first + timing.longestDelay) }
    }

    private var urgentDue: ContinuousClock.Instant? {
        urgent.map { waiting in max(waiting.first, lastUrgent.map { $0 + timing.urgentInterval } ?? waiting.first) }
    }
}
