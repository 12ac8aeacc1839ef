/// One type of one stream: what the client wants, what it holds, and what to tell it next.
///
/// Requests, snapshots and answers go in; ``next(holdingRemovals:nonce:deadline:)`` gives a response when there is one
/// to send. The caller decides in which order types take their turn.
struct Subscription: Sendable {
    let typeURL: TypeURL
    let variant: ProtocolVariant

    private(set) var interest: Interest
    private(set) var newest: ResourceSnapshot?
    private(set) var held = HeldResources()
    private(set) var pending = Pending()
    private(set) var outstanding: Outstanding?
    private(set) var rejections = Rejections()
    private(set) var isRequested = false
    /// The client came with what it holds from an earlier stream.
    private(set) var isResumed = false
    /// Names to tell whether the client holds them or not.
    private var demanded = NameSet()
    /// Those of them that the client warms something with, and that what is on its way does not count for.
    private var warming = NameSet()
    /// The next response is sent even if it is empty.
    private var mustAnswer = false
    /// State of the world: names that a list left out which came too late to count. If the client still wants them
    /// when it answers, it dropped them and wants them again.
    private var doubted = NameSet()
    /// State of the world: resources that are gone but kept alive for now.
    private var keptAlive: [String: Resource] = [:]
    /// Names the client is about to ask for.
    private var awaited = NameSet()
    private(set) var awaitedUntil: ContinuousClock.Instant?

    private(set) var lastSent: SentVersion?
    private(set) var lastAcknowledged: SentVersion?
    private(set) var lastRejection: Rejection?
    private(set) var counters = SubscriptionCounters()

    init(_ typeURL: TypeURL, _ variant: ProtocolVariant) {
        self.typeURL = typeURL
        self.variant = variant
        interest = Interest(typeURL)
    }

    /// Responses hold everything wanted, always.
    private var isStateOfTheWorld: Bool { variant == .stateOfTheWorld && !typeURL.isNamed }

    /// Something is on its way, or would be if it were this type's turn, or was refused.
    var isUnsettled: Bool {
        outstanding != nil || !pending.isEmpty || (mustAnswer && newest != nil) || !awaited.isEmpty
            || rejections.isStanding
    }

    /// Something newer than what was sent last is to be sent.
    var isOwed: Bool {
        guard let outstanding else { return !pending.isEmpty }
        return newest.map { $0 != outstanding.snapshot } ?? false
    }

    /// Later types wait for an answer, or for names the client is about to ask for.
    var isBlocking: Bool { outstanding != nil || !awaited.isEmpty }

    // MARK: - What comes in

    mutating func publish(_ snapshot: ResourceSnapshot) {
        newest = snapshot
        refresh()
    }

    /// A request of the state-of-the-world protocol; gives the answer it holds.
    ///
    /// The version it brings from an earlier stream does not count: a client that refused a response may have applied
    /// a part of it, and still tells the version before.
    mutating func receive(names: [String], nonce: String, error: String?, isWarming: Bool) -> Settlement? {
        let isFirst = !isRequested
        let settlement = isFirst ? nil : settle(nonce, error)
        if !isFirst, settlement == nil, let lastSent, nonce != lastSent.nonce, !nonce.isEmpty || outstanding != nil {
            if !nonce.isEmpty { counters.expiredNonces += 1 }
            if typeURL.isNamed { doubted = doubted.union(interest.names.subtracting(NameSet(names))) }
            return nil
        }
        let change = interest.replace(with: names)
        note(change)
        if !doubted.isEmpty {
            demand(doubted.intersection(interest.names))
            doubted = NameSet()
        }
        if isFirst {
            isRequested = true
            mustAnswer = !interest.isEmpty
        } else if settlement == nil, change.isEmpty, error == nil, lastSent != nil, !isWarming {
            if typeURL.isNamed { demand(interest.names) } else { mustAnswer = mustAnswer || nonce.isEmpty }
        }
        mustAnswer = mustAnswer || (change.isWildcardNew && lastSent != nil)
        if mustAnswer || !change.wanted.isEmpty { rejections.acceptWhole() }
        refresh()
        return settlement
    }

    /// A request of the delta protocol; gives the answer it holds.
    mutating func receive(
        subscribe: [String], unsubscribe: [String], initialVersions: [String: String], nonce: String, error: String?
    ) -> Settlement? {
        let isFirst = !isRequested
        let settlement = isFirst ? nil : settle(nonce, error)
        if !isFirst, settlement == nil, !nonce.isEmpty { counters.expiredNonces += 1 }
        let change = interest.change(subscribe: subscribe, unsubscribe: unsubscribe, isFirst: isFirst)
        note(change)
        if isFirst {
            isRequested = true
            isResumed = !initialVersions.isEmpty
            mustAnswer = !interest.isEmpty && !isResumed
            demanded = demanded.subtracting(NameSet(initialVersions.keys))
            for (name, version) in initialVersions { held.set(name, ResourceVersion(version) ?? .foreign) }
        } else if change.isWildcardNew {
            mustAnswer = true
            let known = held.base.resources.map(\.name) + Array(held.exceptions.keys)
            demand(NameSet(known + (newest?.resources ?? []).map(\.name)))
        }
        refresh()
        return settlement
    }

    /// The client warms what depends on these names: those it has are sent anew, the others it will ask for.
    ///
    /// - Parameter evenRefused: Those that it refused too: it has to be answered, for it waits.
    mutating func warm(_ names: NameSet, until deadline: ContinuousClock.Instant, evenRefused: Bool) {
        guard isRequested, !names.isEmpty else { return }
        let known = names.intersection(interest.names)
        if evenRefused {
            demand(known)
            warming = warming.union(known)
        } else {
            demanded = demanded.union(known)
        }
        awaited = awaited.union(names.subtracting(known))
        if !awaited.isEmpty { awaitedUntil = deadline }
        refresh()
    }

    mutating func tick(_ now: ContinuousClock.Instant) {
        guard let awaitedUntil, awaitedUntil <= now else { return }
        self.awaitedUntil = nil
        awaited = NameSet()
    }

    private mutating func note(_ change: Interest.Change) {
        guard !change.isEmpty else { return }
        if let newest { interest.share(with: newest) }
        demanded = demanded.subtracting(change.dropped)
        warming = warming.subtracting(change.dropped)
        demand(change.wanted)
        awaited = awaited.subtracting(interest.names)
        if awaited.isEmpty { awaitedUntil = nil }
    }

    private mutating func demand(_ names: NameSet) {
        demanded = demanded.union(names)
        rejections.forgive(names)
    }

    // MARK: - Answers

    /// Takes an answer to the outstanding response. Nil: the nonce is no answer to it.
    private mutating func settle(_ nonce: String, _ error: String?) -> Settlement? {
        guard let settled = outstanding, settled.nonce == nonce else { return nil }
        outstanding = nil
        let answer = Answer(
            typeURL: typeURL, version: settled.version, nonce: nonce, names: settled.told.names)
        if let error {
            let rejection = Rejection(answer: answer, message: error)
            refuse(settled)
            lastRejection = rejection
            counters.rejects += 1
            return .rejected(rejection, dependents: isStateOfTheWorld ? settled.dependents : NameSet())
        }
        held.become(settled.snapshot, except: settled.told.heldBack)
        keptAlive = settled.keptAlive
        rejections.acceptWhole()
        lastAcknowledged = SentVersion(version: settled.version, nonce: nonce)
        if !rejections.isStanding { lastRejection = nil }
        counters.acknowledgements += 1
        return .acknowledged(answer, dependents: settled.dependents)
    }

    private mutating func refuse(_ refused: Outstanding) {
        demanded = demanded.union(refused.demanded.intersection(interest.names))
        let content = refused.told.content
        if isStateOfTheWorld {
            rejections.refuseWhole(refused.version)
            for resource in refused.told.updates { keptAlive[resource.name] = resource }
        } else {
            rejections.refuse(content)
            if let only = content.first, content.count == 1 {
                if warming.contains(only.name) {
                    rejections.forgive([only.name])
                    held.set(only.name, .foreign)
                    return
                }
                if demanded.contains(only.name) { held.set(only.name, .absent) }
                demanded = demanded.subtracting([only.name])
                return
            }
        }
        // The client may have applied the good ones nevertheless: nobody knows what it holds of these.
        for name in refused.told.names { held.set(name, .foreign) }
    }

    // MARK: - What goes out

    /// Works out what to tell the client, unless it has yet to answer.
    private mutating func refresh() {
        pending = Pending()
        guard isRequested, outstanding == nil, let newest else { return }
        rejections.purge(newest, interest)
        pending = difference(to: newest)
        if variant == .stateOfTheWorld, typeURL.isNamed {
            // This protocol cannot say that a named resource is gone: the client keeps it.
            let unsaid = demanded.intersection(NameSet(pending.removals))
            demanded = demanded.subtracting(unsaid)
            for name in unsaid { held.set(name, .absent) }
            pending = pending.keeping(NameSet(pending.updates.map(\.name)), held: held)
        }
        guard pending.isEmpty else { return }
        rejections.endSuspicion()
        if !rejections.isStanding { lastRejection = nil }
        if !mustAnswer { held.become(newest, except: pending.heldBack) }
    }

    private func difference(to newest: ResourceSnapshot) -> Pending {
        var result = Pending()
        if interest.isWildcard, held.isEmpty, rejections.quarantined.isEmpty {
            result.updates = newest.resources
            result.removals = demanded.filter { newest[$0] == nil }
            result.isWhole = true
            return result
        }
        for name in held.candidates(for: newest, of: interest).union(demanded) {
            let resource = newest[name]
            let version = resource?.version ?? .absent
            let heldVersion = held.version(of: name)
            guard version != heldVersion || demanded.contains(name) else { continue }
            if rejections.isQuarantined(name, version) {
                result.heldBack[name] = heldVersion
            } else if let resource {
                result.updates.append(resource)
            } else {
                result.removals.append(name)
            }
        }
        return result
    }

    /// The next response, if one may be sent; it is outstanding from then on.
    mutating func next(
        holdingRemovals: Bool, nonce: String, deadline: ContinuousClock.Instant
    ) -> DiscoveryResponse? {
        guard isRequested, outstanding == nil, let newest, !pending.isEmpty || mustAnswer else { return nil }
        // Who asks for endpoints warms a cluster with them, and has to hear that there are none.
        let waitedFor = typeURL == .endpoint ? demanded : NameSet()
        let due = holdingRemovals ? pending.holdingRemovals(held: held, except: waitedFor) : pending
        guard !due.isEmpty || mustAnswer else { return nil }
        let kept = keptResources(due)
        let told: Pending
        var response = DiscoveryResponse(
            typeURL: typeURL, nonce: nonce, version: newest.version, resources: [], removed: [], whole: nil)
        if isStateOfTheWorld {
            told = due
            response.resources = wholeContent(newest, kept)
            if !interest.isWildcard || !kept.isEmpty {
                response.version = ResourceVersion(
                    rawValue: response.resources.reduce(0) { $0 &+ $1.fingerprint })
            } else {
                response.whole = newest
            }
            guard response.version != rejections.refusedWhole else { return nil }
        } else {
            let chosen = rejections.suspects.isEmpty ? nil : rejections.choose(among: due.names)
            told = chosen.map { due.keeping($0, held: held) } ?? due
            response.resources = told.updates
            response.removed = told.removals
            response.whole = told.isWhole ? newest : nil
        }
        send(response, told, newest, kept, deadline)
        return response
    }

    private mutating func send(
        _ response: DiscoveryResponse, _ told: Pending, _ newest: ResourceSnapshot, _ kept: [String: Resource],
        _ deadline: ContinuousClock.Instant
    ) {
        let satisfied = demanded.isEmpty ? demanded : demanded.intersection(told.names)
        outstanding = Outstanding(
            nonce: response.nonce, version: response.version, snapshot: newest, told: told, keptAlive: kept,
            demanded: satisfied, deadline: deadline)
        demanded = demanded.subtracting(satisfied)
        warming = warming.subtracting(satisfied)
        mustAnswer = false
        pending = Pending()
        lastSent = SentVersion(version: response.version, nonce: response.nonce)
        counters.pushes += 1
    }

    /// The resources that are gone from the newest snapshot, and which a whole response still holds.
    private func keptResources(_ due: Pending) -> [String: Resource] {
        guard isStateOfTheWorld, !due.heldBack.isEmpty else { return [:] }
        var kept: [String: Resource] = [:]
        for name in due.heldBack.keys { kept[name] = held.base[name] ?? keptAlive[name] }
        return kept
    }

    private func wholeContent(_ newest: ResourceSnapshot, _ kept: [String: Resource]) -> [Resource] {
        let wanted =
            interest.isWildcard ? newest.resources : interest.names.compactMap { newest[$0] }
        guard !kept.isEmpty else { return wanted }
        return (wanted + kept.values).sorted { $0.name < $1.name }
    }
}
