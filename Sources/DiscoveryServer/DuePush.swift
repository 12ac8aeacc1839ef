import Synchronization

/// Since when a client is due something newer, told from the source to the stream: beside the snapshots, of which only
/// the newest waits.
package final class DuePush: Sendable {
    /// The first of the changes that the client has not been sent.
    package struct Moment: Hashable, Sendable {
        /// When it was seen.
        package var changed: ContinuousClock.Instant
        /// When it was known what the client is to be sent because of it.
        package var due: ContinuousClock.Instant

        package init(changed: ContinuousClock.Instant, due: ContinuousClock.Instant) {
            self.changed = changed
            self.due = due
        }
    }

    private let moment = Mutex<Moment?>(nil)

    package init() {}

    /// Notes a change, unless an earlier one has not been taken yet.
    package func note(_ moment: Moment) { self.moment.withLock { $0 = $0 ?? moment } }

    /// What was noted since the last time.
    func take() -> Moment? {
        moment.withLock { moment in
            defer { moment = nil }
            return moment
        }
    }
}

/// What a stream has yet to send because of changes, and how long that has taken.
struct PushProgress: Sendable {
    /// What there is to be told of a stream.
    struct Times: Hashable, Sendable {
        /// From when something was due until the first of it was handed to the transport; nil: that was told before.
        var queued: Duration?
        /// From the change until all of it was; nil: not all is.
        var converged: Duration?
    }

    private var moment: DuePush.Moment?
    /// Something is to be sent.
    var isUnderWay: Bool { moment != nil }
    private var hasBegun = false
    private var isWriting = false

    /// A change is to be sent.
    mutating func begin(_ moment: DuePush.Moment) { self.moment = self.moment ?? moment }

    /// Responses go to the transport.
    mutating func write(now: ContinuousClock.Instant) -> Times {
        isWriting = true
        guard let moment, !hasBegun else { return Times() }
        hasBegun = true
        return Times(queued: now - moment.due)
    }

    /// They are there.
    mutating func written() { isWriting = false }

    /// Ends it once nothing is left to be sent; what turned out to be no news for the client took no time.
    mutating func settle(isOwed: Bool, now: ContinuousClock.Instant) -> Times {
        guard let moment, !isWriting, !isOwed else { return Times() }
        defer {
            self.moment = nil
            hasBegun = false
        }
        return hasBegun ? Times(converged: now - moment.changed) : Times()
    }
}
