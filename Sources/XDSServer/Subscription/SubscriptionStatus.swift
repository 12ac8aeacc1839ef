/// A version and the nonce it went under.
package struct SentVersion: Hashable, Sendable {
    package var version: ResourceVersion
    package var nonce: String
}

/// What became of the responses of one type.
package struct SubscriptionCounters: Hashable, Sendable {
    /// Responses sent.
    package var pushes = 0
    /// Responses accepted.
    package var acknowledgements = 0
    /// Responses refused.
    package var rejects = 0
    /// Requests whose nonce was not that of the last response.
    package var expiredNonces = 0

    package init() {}

    package static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.pushes += right.pushes
        sum.acknowledgements += right.acknowledgements
        sum.rejects += right.rejects
        sum.expiredNonces += right.expiredNonces
        return sum
    }
}

/// What one type of a stream has come to, for `/debug/syncz`.
package struct SubscriptionStatus: Hashable, Sendable {
    package enum State: String, Hashable, Sendable {
        /// The client holds the newest of what it asked for.
        case synced = "SYNCED"
        /// A response waits for its answer, or for its turn.
        case stale = "STALE"
        /// The client refused something, and holds what it had.
        case rejected = "ERROR"
        /// There is nothing to send yet.
        case notSent = "NOT SENT"
    }

    package var typeURL: TypeURL
    package var state: State
    /// The version of the newest snapshot.
    package var current: ResourceVersion?
    package var sent: SentVersion?
    package var acknowledged: SentVersion?
    /// The last refusal that still stands.
    package var rejection: Rejection?
    /// The bad ones that are kept out, as far as they stand alone.
    package var quarantined: NameSet
}

/// How a response was answered, and what the client needs anew because of it.
enum Settlement: Sendable {
    case acknowledged(Answer, dependents: NameSet)
    case rejected(Rejection, dependents: NameSet)
}

extension Subscription {
    var status: SubscriptionStatus {
        SubscriptionStatus(
            typeURL: typeURL, state: state, current: newest?.version, sent: lastSent,
            acknowledged: lastAcknowledged, rejection: lastRejection,
            quarantined: NameSet(rejections.quarantined.keys))
    }

    private var state: SubscriptionStatus.State {
        if newest == nil { return .notSent }
        if rejections.isStanding { return .rejected }
        return isUnsettled ? .stale : .synced
    }

    /// What the client acknowledged of each name it asked for.
    var heldVersions: [(name: String, version: ResourceVersion)] {
        let names = interest.isWildcard ? NameSet(held.base.resources.map(\.name)) : interest.names
        return names.map { ($0, held.version(of: $0)) }.filter { $0.version != .absent }
    }
}
