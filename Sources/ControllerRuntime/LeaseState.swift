import KubernetesModel

/// The fields of a Lease (`coordination.k8s.io/v1`) that say who leads.
struct LeaseRecord: Hashable, Sendable {
    /// Empty: nobody, somebody gave it up.
    var holder: String
    var durationSeconds: Int64
    /// RFC 3339 with microseconds; only compared for equality, for clocks of hosts differ.
    var renewTime: String
    var acquireTime: String
    var transitions: Int64

    init(holder: String, durationSeconds: Int64, renewTime: String, acquireTime: String, transitions: Int64) {
        self.holder = holder
        self.durationSeconds = durationSeconds
        self.renewTime = renewTime
        self.acquireTime = acquireTime
        self.transitions = transitions
    }

    init(_ lease: UnstructuredObject) {
        let spec = lease.json["spec"]
        holder = spec?["holderIdentity"]?.string ?? ""
        durationSeconds = spec?["leaseDurationSeconds"]?.integer ?? 0
        renewTime = spec?["renewTime"]?.string ?? ""
        acquireTime = spec?["acquireTime"]?.string ?? ""
        transitions = spec?["leaseTransitions"]?.integer ?? 0
    }

    /// As the Lease's `spec`.
    var json: JSONValue {
        [
            "holderIdentity": .string(holder), "leaseDurationSeconds": .integer(max(1, durationSeconds)),
            "renewTime": .string(renewTime), "acquireTime": .string(acquireTime),
            "leaseTransitions": .integer(transitions),
        ]
    }
}

/// Who may lead: a state machine over what was seen of the Lease, without clock or network.
///
/// A foreign lease counts from the moment it was last seen to change on this host's own clock, so hosts' clocks may
/// differ.
struct LeaseState: Sendable {
    /// What a candidate should do now.
    enum Action: Equatable, Sendable {
        /// There is no Lease: make one.
        case create
        /// It is ours to take or to renew.
        case take
        /// Somebody else leads; look again at the latest then.
        case wait(until: ContinuousClock.Instant)
    }

    let identity: String
    private var seen: LeaseRecord?
    private var seenChanging: ContinuousClock.Instant?

    init(identity: String) { self.identity = identity }

    mutating func action(for record: LeaseRecord?, now: ContinuousClock.Instant) -> Action {
        guard let record else { return .create }
        if record != seen {
            seen = record
            seenChanging = now
        }
        if record.holder == identity || record.holder.isEmpty { return .take }
        let expiry = (seenChanging ?? now) + .seconds(record.durationSeconds)
        return expiry <= now ? .take : .wait(until: expiry)
    }
}
