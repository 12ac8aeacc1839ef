/// The work queue without its locks and timers: which key is next, which waits until when.
///
/// A key is in one of four places: ready, delayed, in work, or in work with another turn due. It is never handed to
/// two workers at once, and adding a key that is already ready changes nothing; so the queue is bounded by the number
/// of distinct keys.
struct WorkQueueState<Key: Hashable & Sendable> {
    /// What `next` found.
    enum Next: Equatable {
        case key(Key)
        case wait(until: ContinuousClock.Instant?)
    }

    private var ready: [Key] = []
    private var head = 0
    private var isReady: Set<Key> = []
    private var inWork: Set<Key> = []
    private var againAfterWork: Set<Key> = []
    private var delayed: [Key: ContinuousClock.Instant] = [:]
    /// No delayed key is due before; so most looks need not look at each of them.
    private var firstDue: ContinuousClock.Instant?
    private var failures: [Key: Int] = [:]
    /// Since when keys could be worked on that are ready, or due again after work; as far as that was said.
    private var waitingSince: [Key: ContinuousClock.Instant] = [:]

    /// Keys waiting for a worker, without the delayed ones.
    var depth: Int { ready.count - head + againAfterWork.count }

    mutating func add(_ key: Key, since moment: ContinuousClock.Instant? = nil) {
        delayed[key] = nil
        if let moment, waitingSince[key] == nil { waitingSince[key] = moment }
        if inWork.contains(key) {
            againAfterWork.insert(key)
        } else if isReady.insert(key).inserted {
            ready.append(key)
        }
    }

    /// Adds a key at a later moment; of two moments the earlier counts.
    mutating func add(_ key: Key, at moment: ContinuousClock.Instant) {
        guard !isReady.contains(key), !againAfterWork.contains(key) else { return }
        delayed[key] = min(delayed[key] ?? moment, moment)
        firstDue = min(firstDue ?? moment, moment)
    }

    mutating func next(now: ContinuousClock.Instant) -> Next {
        takeDue(now)
        guard head < ready.count else { return .wait(until: firstDue) }
        let key = ready[head]
        head += 1
        if head > 64, head * 2 > ready.count {
            ready.removeFirst(head)
            head = 0
        }
        isReady.remove(key)
        inWork.insert(key)
        return .key(key)
    }

    /// Makes the delayed keys ready that are due, the longest due first.
    private mutating func takeDue(_ now: ContinuousClock.Instant) {
        guard let due = firstDue, due <= now else { return }
        for (key, _) in delayed.filter({ $0.value <= now }).sorted(by: { $0.value < $1.value }) {
            add(key, since: delayed[key])
        }
        firstDue = delayed.values.min()
    }

    /// How long a key has waited that is handed to a worker; nil if it was never said since when.
    mutating func takeWait(of key: Key, now: ContinuousClock.Instant) -> Duration? {
        waitingSince.removeValue(forKey: key).map { now - $0 }
    }

    /// Ends the work on a key; another turn that came due meanwhile becomes ready.
    mutating func finish(_ key: Key) {
        inWork.remove(key)
        if againAfterWork.remove(key) != nil { add(key) }
    }

    mutating func succeed(_ key: Key) { failures[key] = nil }

    /// Counts a failure and gives how many there were before it in a row.
    mutating func fail(_ key: Key) -> Int {
        let before = failures[key] ?? 0
        failures[key] = before + 1
        return before
    }
}

/// How long a key that failed waits: `base`, doubled at every failure in a row, at most `limit`.
package struct Backoff: Hashable, Sendable {
    package var base: Duration
    package var limit: Duration

    package init(base: Duration, limit: Duration) {
        self.base = base
        self.limit = limit
    }

    /// 0.2 s up to 1 min.
    package static let reconcile = Backoff(base: .milliseconds(200), limit: .seconds(60))
    /// 0.5 s up to 30 s.
    package static let reconnect = Backoff(base: .milliseconds(500), limit: .seconds(30))

    /// - Parameters:
    ///   - failures: Failures in a row before this one.
    ///   - jitter: One draw from `0 ... 1`; takes up to a fifth off, so that many do not come back together.
    package func delay(afterFailures failures: Int, jitter: Double) -> Duration {
        let full = failures >= 20 ? limit : min(base * (1 << failures), limit)
        return full * (1 - 0.2 * jitter)
    }
}
