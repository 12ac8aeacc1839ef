/// Who is at which address, as far as somebody has asked: a value, without a clock.
///
/// ```
///   wanted ── takeQuestion ──► asked ── take ──► known   for a minute: addresses get other owners
///     ▲                          │     └───────► nobody  for some seconds, as Pods are known late; then for a minute
///     └──── nobody has answered ─┘
/// ```
struct PeerDirectory: Sendable {
    enum Answer: Hashable, Sendable {
        case workload(PeerWorkload)
        /// The control plane knows none, or there is no room to ask.
        case nobody
        /// It is asked for.
        case unknown
    }

    struct Limits: Hashable, Sendable {
        var addresses = 4096
        /// Of one question.
        var questionAddresses = 256
        var knownFor: Duration = .seconds(60)
        /// How long it counts that nobody is there, at first and then.
        var firstNobodyFor: Duration = .seconds(2)
        var nobodyFor: Duration = .seconds(60)
        /// A question without an answer is asked again.
        var answerTime: Duration = .seconds(3)
        /// How long nobody looks for room where there was none.
        var fullFor: Duration = .seconds(1)
    }

    private enum Entry: Sendable {
        case wanted(refusals: Int)
        case asked(at: SuspendingClock.Instant, refusals: Int)
        case known(PeerWorkload, until: SuspendingClock.Instant)
        case nobody(refusals: Int, until: SuspendingClock.Instant)
    }

    private let limits: Limits
    private var entries: [String: Entry] = [:]
    /// Something is to be asked for that has not been.
    private(set) var isWanting = false
    /// There was no room at all, and until then nobody looks for it.
    private var fullUntil: SuspendingClock.Instant?

    init(_ limits: Limits = Limits()) { self.limits = limits }

    var count: Int { entries.count }

    /// Who is at an address. Whoever is not known, or not any more, is asked for from now on.
    mutating func answer(for address: String, now: SuspendingClock.Instant) -> Answer {
        switch entries[address] {
        case .known(let workload, let until)? where now < until: return .workload(workload)
        case .nobody(let refusals, let until)? where now < until:
            // The first word may come too early.
            return refusals > 1 ? .nobody : .unknown
        case .wanted?, .asked?: return .unknown
        case .known?:
            entries[address] = .wanted(refusals: 0)
        case .nobody(let refusals, _)?:
            entries[address] = .wanted(refusals: min(refusals, 1))
        case nil:
            guard hasRoom(now: now) else { return .nobody }
            entries[address] = .wanted(refusals: 0)
        }
        isWanting = true
        return .unknown
    }

    /// What to ask the control plane now: addresses that are wanted, and those of which it has said nothing, or nobody, for
    /// long enough.
    ///
    /// - Parameter isWaitedFor: Whether anybody still waits for an address: nobody is asked for twice otherwise.
    mutating func takeQuestion(now: SuspendingClock.Instant, where isWaitedFor: (String) -> Bool) -> [String] {
        var question: [String] = []
        isWanting = false
        for (address, entry) in entries {
            let refusals: Int
            var isAgain = true
            switch entry {
            case .wanted(let count): (refusals, isAgain) = (count, false)
            case .asked(let time, let count) where now - time >= limits.answerTime: refusals = count
            case .nobody(let count, let until) where count == 1 && now >= until: refusals = count
            default: continue
            }
            if isAgain, !isWaitedFor(address) {
                entries[address] = nil
            } else if question.count < limits.questionAddresses {
                question.append(address)
                entries[address] = .asked(at: now, refusals: refusals)
            } else {
                isWanting = true
            }
        }
        return question
    }

    /// Nobody was there to be asked.
    mutating func putBack(_ question: [String], where isWaitedFor: (String) -> Bool) {
        for address in question {
            guard case .asked(_, let refusals)? = entries[address] else { continue }
            entries[address] = isWaitedFor(address) ? .wanted(refusals: refusals) : nil
        }
    }

    /// Takes answers to what was asked; others are not remembered.
    mutating func take(_ answers: PeerAnswers, now: SuspendingClock.Instant) {
        for (address, workload) in answers.byAddress {
            guard case .asked(_, let refusals)? = entries[address] else { continue }
            if let workload {
                entries[address] = .known(workload, until: now + limits.knownFor)
            } else {
                entries[address] = .nobody(
                    refusals: refusals + 1,
                    until: now + (refusals == 0 ? limits.firstNobodyFor : limits.nobodyFor))
            }
        }
    }

    /// Whether there is room for another address, or some could be made.
    private mutating func hasRoom(now: SuspendingClock.Instant) -> Bool {
        if entries.count < limits.addresses { return true }
        if let fullUntil, now < fullUntil { return false }
        forgetSome(now: now)
        fullUntil = entries.count < limits.addresses ? nil : now + limits.fullFor
        return fullUntil == nil
    }

    /// Makes room: what has to be asked again anyway, else a part of what is known.
    private mutating func forgetSome(now: SuspendingClock.Instant) {
        entries = entries.filter { entry in
            switch entry.value {
            case .known(_, let until), .nobody(_, let until): now < until
            case .wanted, .asked: true
            }
        }
        guard entries.count >= limits.addresses else { return }
        var surplus = limits.addresses / 8
        for (address, entry) in entries where surplus > 0 {
            switch entry {
            case .known, .nobody:
                entries[address] = nil
                surplus -= 1
            case .wanted, .asked: break
            }
        }
    }
}
