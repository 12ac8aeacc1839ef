import EnvoyAPI
import GRPCCore
import Synchronization
import XDSServer

/// One stream: the tasks around its ``XDSServer/ADSStream``.
///
/// Every input goes through ``advance(_:)``: under the lock the machine says what to do, responses go to the outbox,
/// and who has something to do is woken. A stream has ended when ``State/end`` is set; nothing changes it then.
final class DiscoveryStream: Sendable {
    struct State: Sendable {
        var machine: ADSStream
        var node: NodeIdentity?
        /// It asked for more than answers to questions.
        var isProxy = false
        /// What was told of it, to whom its end has to be told.
        var attended: ProxyStream?
        /// Responses that wait for the writer: at most one a type, and the last answer to a question.
        var outbox: [DiscoveryResponse] = []
        /// How many questions were answered.
        var answers = 0
        /// To be followed by a task that has yet to be started.
        var subscription: SnapshotSubscription?
        var progress = PushProgress()
        var refusals = ProxyRefusals()
        /// When the timers that run are due: few, for deadlines of one kind only grow.
        var timers: [ContinuousClock.Instant] = []
        var expiredNonces = 0
        var end: StreamEnd?
    }

    let peer: String
    let identity: PeerIdentity
    let opened: ContinuousClock.Instant
    private let source: any SnapshotSource
    private let questions: any QuestionAnswering
    private let attendant: any ProxyAttending
    private let serializer: ResponseSerializer
    private let reports: StreamReports
    private let state: Mutex<State>
    private let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    private let (writes, write) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    init(
        _ machine: ADSStream, peer: String, identity: PeerIdentity, source: any SnapshotSource,
        questions: any QuestionAnswering, attendant: any ProxyAttending, serializer: ResponseSerializer,
        reports: StreamReports, now: ContinuousClock.Instant
    ) {
        self.peer = peer
        self.identity = identity
        self.source = source
        self.questions = questions
        self.attendant = attendant
        self.serializer = serializer
        self.reports = reports
        opened = now
        state = Mutex(State(machine: machine))
        // A maximum age runs from the start.
        wake.yield()
    }

    /// What the stream has come to, in parts that are read together.
    func read<Value>(_ body: (State) -> Value) -> Value where Value: Sendable { state.withLock { body($0) } }

    /// Hands the client over.
    func drain() { advance { $0.drain(now: $1) } }

    /// Serves the client until one of the two ends.
    func run(
        _ requests: RPCAsyncSequence<ReceivedRequest, any Error>, _ responses: RPCWriter<DiscoveryResponse>
    ) async -> StreamEnd {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.receive(requests) }
            group.addTask { await self.send(to: responses) }
            for await _ in wakes {
                let due = takeDue()
                if due.isOver { break }
                if let subscription = due.subscription { group.addTask { await self.follow(subscription) } }
                if let deadline = due.deadline {
                    group.addTask {
                        guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil else { return }
                        self.tick(deadline)
                    }
                }
            }
            end(.cancelled)
            group.cancelAll()
        }
        if let node = read({ $0.isProxy ? $0.node : nil }) { reports.disconnected(node) }
        reports.note(read { $0.refusals.ended })
        if let stream = read({ $0.attended }) { attendant.disconnected(stream) }
        return read { $0.end } ?? .cancelled
    }

    // MARK: - Tasks

    private func receive(_ requests: RPCAsyncSequence<ReceivedRequest, any Error>) async {
        do {
            for try await received in requests {
                let isQuestion = questions.answers(received.request.typeURL)
                let isReport = attendant.takes(received.request.typeURL)
                let actions = advance {
                    isQuestion || isReport
                        ? $0.receive(question: received.request, now: $1) : $0.receive(received.request, now: $1)
                }
                for action in actions { if case .identified = action { try identify(received.node) } }
                if isQuestion {
                    try await answer(received.request)
                    continue
                }
                try await subscribe()
                if isReport {
                    report(received.request)
                    continue
                }
                if actions.contains(where: \.isSettlement) {
                    let (type, code) = (received.request.typeURL, received.errorCode)
                    // Under the lock: reported the other way round, what has ended would stand for ever.
                    state.withLock {
                        reports.note($0.refusals.update($0.machine, about: type, node: $0.node, code: code))
                    }
                } else if !received.request.nonce.isEmpty {
                    countExpiredNonces(received.request.typeURL)
                }
            }
            end(.finishedByClient)
        } catch let refusal as Refusal {
            end(.refused(refusal.status))
        } catch {
            end(.failed(error))
        }
    }

    /// The client may not see what it asked for.
    private struct Refusal: Error { var status: RPCError }

    private func identify(_ message: Envoy_Config_Core_V3_Node?) throws {
        do {
            let node = try NodeIdentity(message ?? Envoy_Config_Core_V3_Node())
            state.withLock { $0.node = node }
        } catch {
            throw Refusal(
                status: RPCError(code: .invalidArgument, message: "node.metadata cannot be read as JSON: \(error)"))
        }
    }

    private var client: DiscoveryClient? {
        read { $0.node }.map { DiscoveryClient(node: $0, identity: identity, variant: serializer.variant) }
    }

    /// Becomes a follower of the source, with the first request that is no question.
    private func subscribe() async throws {
        guard !read({ $0.isProxy }), let client else { return }
        let subscription: SnapshotSubscription
        do {
            subscription = try await source.subscribe(client)
            let stream = ProxyStream(id: read { $0.machine.id }, client: client)
            try await attendant.connected(stream)
            state.withLock { $0.attended = stream }
        } catch let error as RPCError {
            throw Refusal(status: error)
        }
        state.withLock {
            $0.isProxy = true
            $0.subscription = subscription
        }
        reports.connected(client.node)
        advance { $0.publish(subscription.current.snapshots, now: $1) }
    }

    private func report(_ request: DiscoveryRequest) {
        guard let stream = read({ $0.attended }) else { return }
        attendant.reported(ProxyReport(request.typeURL, problem: request.errorMessage), by: stream)
    }

    /// Past the machine: who asks a question need not acknowledge the answer, and those who relay one do not.
    private func answer(_ request: DiscoveryRequest) async throws {
        let nonces = "\(read { $0.machine.id })-q"
        guard let client, !request.nonce.hasPrefix(nonces) else { return }
        let names =
            switch request.asked {
            case .stateOfTheWorld(_, let names): names
            case .delta(let subscribe, _, _): subscribe
            }
        let answer: DiscoveryAnswer
        do {
            let question = DiscoveryQuestion(request.typeURL, names: names, client: client)
            answer = try await questions.answer(question)
        } catch let error as RPCError {
            throw Refusal(status: error)
        }
        let version = ResourceSnapshot(answer.resources).version
        state.withLock { state in
            guard state.end == nil else { return }
            state.answers += 1
            // Who asks faster than it reads, gets the last answer.
            state.outbox.removeAll { $0.typeURL == request.typeURL }
            state.outbox.append(
                DiscoveryResponse(
                    typeURL: request.typeURL, nonce: "\(nonces)\(state.answers)", version: version,
                    resources: answer.resources, removed: [], whole: nil, bodyTypes: answer.bodyTypes))
        }
        write.yield()
    }

    private func follow(_ subscription: SnapshotSubscription) async {
        for await cache in subscription.updates {
            if let moment = subscription.due.take() { state.withLock { $0.progress.begin(moment) } }
            advance { $0.publish(cache.snapshots, now: $1) }
            state.withLock { reports.note($0.refusals.update($0.machine, node: $0.node)) }
        }
        // The source handed the client over, unless the stream is over anyway.
        if !Task.isCancelled { drain() }
    }

    private func send(to responses: RPCWriter<DiscoveryResponse>) async {
        do {
            for await _ in writes {
                for response in takeOutbox() {
                    let start = ContinuousClock.now
                    try await responses.write(response)
                    reports.sent(
                        response, bytes: serializer.size(of: response), took: ContinuousClock.now - start)
                }
                reports.note(
                    state.withLock { state in
                        state.progress.written()
                        return state.settled(now: .now)
                    })
            }
        } catch {
            end(.failed(error))
        }
    }

    private func tick(_ deadline: ContinuousClock.Instant) {
        state.withLock { state in state.timers.removeAll { $0 == deadline } }
        advance { $0.tick(now: $1) }
    }

    // MARK: - State

    /// Lets the machine take an input, and passes on what it wants done.
    @discardableResult
    private func advance(
        _ input: (inout ADSStream, ContinuousClock.Instant) -> [StreamAction]
    ) -> [StreamAction] {
        let (actions, hasMail, times) = state.withLock { state in
            guard state.end == nil else { return ([StreamAction](), false, PushProgress.Times()) }
            let now = ContinuousClock.now
            let actions = input(&state.machine, now)
            for action in actions {
                switch action {
                case .send(let response): state.outbox.append(response)
                case .close(let reason): state.end = .closed(reason)
                case .identified, .acknowledged, .rejected: break
                }
            }
            return (actions, !state.outbox.isEmpty, state.settled(now: now))
        }
        if hasMail { write.yield() }
        wake.yield()
        reports.note(times)
        for action in actions { reports.note(action, peer: peer) }
        return actions
    }

    private func end(_ end: StreamEnd) {
        state.withLock { if $0.end == nil { $0.end = end } }
        wake.yield()
    }

    private func takeOutbox() -> [DiscoveryResponse] {
        let (outbox, times) = state.withLock { state in
            defer { state.outbox = [] }
            return (state.outbox, state.outbox.isEmpty ? PushProgress.Times() : state.progress.write(now: .now))
        }
        reports.note(times)
        return outbox
    }

    /// What the stream's own task has to start.
    private func takeDue() -> (
        isOver: Bool, subscription: SnapshotSubscription?, deadline: ContinuousClock.Instant?
    ) {
        state.withLock { state in
            if state.end != nil { return (true, nil, nil) }
            defer { state.subscription = nil }
            guard let deadline = state.machine.nextDeadline, state.timers.allSatisfy({ deadline < $0 }) else {
                return (false, state.subscription, nil)
            }
            state.timers.append(deadline)
            return (false, state.subscription, deadline)
        }
    }

    private func countExpiredNonces(_ typeURL: TypeURL) {
        let count = state.withLock { state in
            let count = state.machine.counters.values.reduce(0) { $0 + $1.expiredNonces }
            defer { state.expiredNonces = count }
            return count - state.expiredNonces
        }
        if count > 0 { reports.expired(count, of: typeURL) }
    }
}

extension DiscoveryStream.State {
    /// What there is to be told of changes, now that something has happened.
    fileprivate mutating func settled(now: ContinuousClock.Instant) -> PushProgress.Times {
        guard progress.isUnderWay else { return PushProgress.Times() }
        let isOwed = !outbox.isEmpty || machine.isOwed
        return progress.settle(isOwed: isOwed, now: now)
    }
}

extension StreamAction {
    /// An answer to a response was taken.
    fileprivate var isSettlement: Bool {
        switch self {
        case .acknowledged, .rejected: true
        case .identified, .send, .close: false
        }
    }
}
