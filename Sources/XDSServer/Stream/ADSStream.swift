/// One aggregated discovery stream, of either protocol, without its socket.
///
/// Every input gives the actions it causes. After ``StreamAction/close(_:)`` there are none any more. The owner calls
/// ``tick(now:)`` when ``nextDeadline`` has come.
package struct ADSStream: Sendable {
    /// The life of a stream.
    private enum Phase: Hashable, Sendable {
        case open
        /// Waits for outstanding answers, sends nothing.
        case draining(CloseReason, until: ContinuousClock.Instant)
        case closed
    }

    /// Part of every nonce; has to differ from those of other streams of the client.
    package let id: String
    package let variant: ProtocolVariant
    package let limits: StreamLimits
    /// Who the client is, once it said so.
    package private(set) var node: ClientNode?
    private var phase = Phase.open
    private var subscriptions: [TypeURL: Subscription] = [:]
    /// The types asked for, in their order.
    private var order: [TypeURL] = []
    private var newest: [TypeURL: ResourceSnapshot] = [:]
    private var requests: TokenBucket
    private var sent: UInt64 = 0
    private let agesAt: ContinuousClock.Instant?
    /// A client that came back with clusters of an earlier stream keeps them until it had time to ask for the rest.
    private var resumesUntil: ContinuousClock.Instant?

    /// A stream that was just opened.
    package init(
        id: String, variant: ProtocolVariant, limits: StreamLimits = StreamLimits(), now: ContinuousClock.Instant
    ) {
        self.id = id
        self.variant = variant
        self.limits = limits
        requests = TokenBucket(capacity: limits.requestBurst, perSecond: limits.requestsPerSecond, now: now)
        agesAt = limits.maximumAge.map { now + $0 }
    }

    package var isClosed: Bool { phase == .closed }

    // MARK: - What comes in

    /// A request of the client.
    package mutating func receive(_ request: DiscoveryRequest, now: ContinuousClock.Instant) -> [StreamAction] {
        guard !isClosed else { return [] }
        var actions: [StreamAction] = []
        if let reason = refusal(of: request, now: now) { return close(reason) }
        if node == nil, let node = request.node {
            self.node = node
            actions.append(.identified(node))
        }
        let isFirst = subscriptions[request.typeURL] == nil
        let settlement = settle(request)
        if isFirst, request.typeURL == .cluster, subscriptions[.cluster]?.isResumed ?? false {
            resumesUntil = now + limits.warmingGrace
        }
        switch settlement {
        case .acknowledged(let answer, let dependents):
            actions.append(.acknowledged(answer))
            if !PushOrder.isAnsweredWarm(request.typeURL) { warm(dependents, of: request.typeURL, now: now) }
        case .rejected(let rejection, let dependents):
            actions.append(.rejected(rejection))
            if !PushOrder.isAnsweredWarm(request.typeURL) { warm(dependents, of: request.typeURL, now: now) }
        case nil: break
        }
        if isFirst {
            // What it has of an earlier stream warms nothing that this one has sent meanwhile.
            for parent in order where PushOrder.isAnsweredWarm(parent) {
                guard PushOrder.dependents(of: parent) == request.typeURL else { continue }
                warm(subscriptions[parent]?.outstanding?.dependents ?? NameSet(), of: parent, now: now)
            }
        }
        if let count = subscriptions[request.typeURL]?.interest.names.count, count > limits.names {
            return actions + close(.tooManyNames(request.typeURL, count: count, limit: limits.names))
        }
        return actions + proceed(now)
    }

    /// A request that asks once and follows nothing: it counts against the limits, and may say who the client is. Its
    /// answer is not the stream's, and nobody waits for an acknowledgement of it.
    package mutating func receive(question: DiscoveryRequest, now: ContinuousClock.Instant) -> [StreamAction] {
        guard !isClosed else { return [] }
        if let reason = refusal(of: question, now: now) { return close(reason) }
        guard node == nil, let node = question.node else { return [] }
        self.node = node
        return [.identified(node)]
    }

    /// New snapshots of some types, all of one moment.
    package mutating func publish(
        _ snapshots: [TypeURL: ResourceSnapshot], now: ContinuousClock.Instant
    ) -> [StreamAction] {
        guard !isClosed else { return [] }
        for (typeURL, snapshot) in snapshots {
            newest[typeURL] = snapshot
            subscriptions[typeURL]?.publish(snapshot)
        }
        return proceed(now)
    }

    /// Time has passed.
    package mutating func tick(now: ContinuousClock.Instant) -> [StreamAction] {
        guard !isClosed else { return [] }
        for typeURL in order {
            if let deadline = subscriptions[typeURL]?.outstanding?.deadline, deadline <= now {
                return close(.acknowledgementTimeout(typeURL))
            }
            subscriptions[typeURL]?.tick(now)
        }
        if let until = resumesUntil, until <= now { resumesUntil = nil }
        if case .draining(let reason, let until) = phase, until <= now { return close(reason) }
        if phase == .open, let agesAt, agesAt <= now { return drain(for: .maximumAge, now: now) }
        return proceed(now)
    }

    /// Hands the client over: no more responses, and the end as soon as all answers are in.
    package mutating func drain(now: ContinuousClock.Instant) -> [StreamAction] { drain(for: .draining, now: now) }

    /// When ``tick(now:)`` is due next.
    package var nextDeadline: ContinuousClock.Instant? {
        guard !isClosed else { return nil }
        var deadlines = subscriptions.values.flatMap { [$0.outstanding?.deadline, $0.awaitedUntil] }
        deadlines.append(resumesUntil)
        if case .draining(_, let until) = phase { deadlines.append(until) } else { deadlines.append(agesAt) }
        return deadlines.compactMap { $0 }.min()
    }

    // MARK: - Requests

    private mutating func refusal(of request: DiscoveryRequest, now: ContinuousClock.Instant) -> CloseReason? {
        if request.variant != variant { return .wrongVariant }
        let known = subscriptions[request.typeURL]
        let isAnswer = known?.outstanding.map { $0.nonce == request.nonce } ?? false
        if !isAnswer, !requests.take(now: now) { return .tooManyRequests }
        if node == nil, request.node?.id.isEmpty ?? true { return .missingNode }
        if known == nil, order.count >= limits.types { return .tooManyTypes(limit: limits.types) }
        return limits.violation(of: request)
    }

    private mutating func settle(_ request: DiscoveryRequest) -> Settlement? {
        let typeURL = request.typeURL
        if subscriptions[typeURL] == nil {
            order = PushOrder.sorted(order + [typeURL])
            subscriptions[typeURL] = Subscription(typeURL, variant)
            if let snapshot = newest[typeURL] { subscriptions[typeURL]?.publish(snapshot) }
        }
        let error = request.errorMessage.map(limits.shortened)
        switch request.asked {
        case .stateOfTheWorld(_, let names):
            let isWarming = subscriptions.values.contains {
                $0.outstanding != nil && PushOrder.dependents(of: $0.typeURL) == typeURL
            }
            return subscriptions[typeURL]?.receive(
                names: names, nonce: request.nonce, error: error, isWarming: isWarming)
        case .delta(let subscribe, let unsubscribe, let initialVersions):
            return subscriptions[typeURL]?.receive(
                subscribe: subscribe, unsubscribe: unsubscribe, initialVersions: initialVersions,
                nonce: request.nonce, error: error)
        }
    }

    private mutating func warm(_ names: NameSet, of typeURL: TypeURL, now: ContinuousClock.Instant) {
        guard let dependents = PushOrder.dependents(of: typeURL) else { return }
        let deadline = now + limits.warmingGrace
        subscriptions[dependents]?.warm(
            names, until: deadline, evenRefused: PushOrder.isAnsweredWarm(typeURL))
    }

    // MARK: - Responses

    /// Sends what may be sent now; ends a drained stream.
    private mutating func proceed(_ now: ContinuousClock.Instant) -> [StreamAction] {
        if case .draining(let reason, _) = phase {
            return subscriptions.values.contains { $0.outstanding != nil } ? [] : close(reason)
        }
        let deadline = now + limits.acknowledgementTimeout
        var actions: [StreamAction] = []
        var blocking: [TypeURL] = []
        for typeURL in order {
            defer { if subscriptions[typeURL]?.isBlocking ?? false { blocking.append(typeURL) } }
            guard blocking.allSatisfy({ !PushOrder.blocks($0, typeURL) }) else { continue }
            let nonce = "\(id)-\(sent + 1)"
            let holdingRemovals = holdsRemovals(of: typeURL)
            if let response = subscriptions[typeURL]?.next(
                holdingRemovals: holdingRemovals, nonce: nonce, deadline: deadline)
            {
                sent += 1
                actions.append(.send(response))
                if PushOrder.isAnsweredWarm(typeURL), let dependents = subscriptions[typeURL]?.outstanding?.dependents {
                    warm(dependents, of: typeURL, now: now)
                }
            }
        }
        return actions
    }

    private func holdsRemovals(of typeURL: TypeURL) -> Bool {
        if typeURL == .cluster, resumesUntil != nil { return true }
        return PushOrder.referrers(of: typeURL).contains { subscriptions[$0]?.isUnsettled ?? false }
    }

    // MARK: - The end

    private mutating func drain(for reason: CloseReason, now: ContinuousClock.Instant) -> [StreamAction] {
        guard phase == .open else { return [] }
        phase = .draining(reason, until: now + limits.drainTimeout)
        return proceed(now)
    }

    private mutating func close(_ reason: CloseReason) -> [StreamAction] {
        phase = .closed
        return [.close(reason)]
    }
}

extension ADSStream {
    /// What the stream has come to, for `/debug/syncz` and metrics.
    package var status: StreamStatus {
        StreamStatus(
            id: id, node: node?.id, variant: variant, isDraining: phase != .open,
            types: order.compactMap { subscriptions[$0]?.status })
    }

    /// What became of the responses, by type.
    package var counters: [TypeURL: SubscriptionCounters] { subscriptions.mapValues(\.counters) }

    /// Something newer than what the client was sent waits for its turn, or for an answer to what it was.
    package var isOwed: Bool { subscriptions.values.contains(where: \.isOwed) }

    /// The last refusal of a type that still stands.
    package func rejection(of typeURL: TypeURL) -> Rejection? { subscriptions[typeURL]?.lastRejection }

    /// The versions the client acknowledged, by name: of endpoints, one a service.
    package func heldVersions(of typeURL: TypeURL) -> [(name: String, version: ResourceVersion)] {
        subscriptions[typeURL]?.heldVersions ?? []
    }
}
