import AgentRuntime
import DiscoveryAPI
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Logging
import Metrics
import NIOCore
import Synchronization
import WorkloadCredentials
import XDSServer

/// One stream of the proxy: the tasks around its ``RelayStream``.
final class RelaySession: Sendable {
    private struct State {
        var stream: RelayStream
        var toProxy: [RelayResponse] = []
        var toControlPlane: [RelayRequest] = []
        /// Of the connection that there is: wakes who writes to it, and who reads from it.
        var writes: AsyncStream<Void>.Continuation?
        var room: AsyncStream<Void>.Continuation?
        /// The connection takes no more.
        var isStuck = false
        /// The connection that counts; what earlier ones still say does not.
        var connection = 0
        var pending = PendingPlugins()
    }

    /// So many responses may wait for the proxy before the control plane is read on.
    private static let responseLimit = 16
    /// So many requests may wait for the control plane before its connection counts as dead.
    private static let requestLimit = 4096

    private let relay: DiscoveryRelay
    private let state: Mutex<State>
    private let (proxyWrites, proxyWrite) = AsyncStream.makeStream(
        of: Void.self, bufferingPolicy: .bufferingNewest(1))
    private let (preparations, preparation) = AsyncStream.makeStream(of: Preparation.self)
    private let (retries, retry) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    private enum Preparation: Sendable {
        /// - Parameters:
        ///   - number: In the stream.
        ///   - ticket: Among those that may be tried again.
        case response(RelayResponse, connection: Int, number: Int, ticket: Int)
        case release(Set<String>)
    }

    init(
        _ relay: DiscoveryRelay, _ variant: ProtocolVariant, health: WorkloadHealth?, previous: KeptResources
    ) {
        self.relay = relay
        state = Mutex(
            State(
                stream: RelayStream(
                    variant: variant, ownTypes: relay.settings.ownTypes,
                    preparedTypes: relay.plugins == nil ? [] : [.extensionConfig],
                    health: health, previous: previous)))
    }

    /// What the next proxy may be told.
    var kept: KeptResources { state.withLock { $0.stream }.kept }

    /// Serves the proxy until it ends, or its task is cancelled.
    func run<Wire: RelayWire>(
        _ wire: Wire.Type, _ requests: RPCAsyncSequence<Wire.Request, any Error>, _ responses: RPCWriter<Wire.Response>
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for try await message in requests {
                    self.relay.metrics.requests.increment()
                    let request = Wire.read(message)
                    if let error = request.error { self.report(error.message, request) }
                    self.advance { $0.receive(request) }
                }
            }
            group.addTask {
                for await _ in self.proxyWrites {
                    for response in self.takeToProxy() {
                        try await responses.write(Wire.write(response))
                        self.relay.metrics.responses.increment()
                    }
                }
            }
            group.addTask { await self.stayConnected(wire) }
            group.addTask { await self.prepareResponses() }
            group.addTask { await self.prepareAgain() }
            group.addTask { await self.keepTime() }
            defer { group.cancelAll() }
            // The others end only when they are cancelled.
            try await group.next()
        }
    }

    // MARK: - The control plane

    private func stayConnected<Wire: RelayWire>(_ wire: Wire.Type) async {
        var failures = 0
        while !Task.isCancelled {
            var problem: (any Error)?
            do { try await connect(wire) } catch { problem = error }
            let (wasThere, wasGood) = disconnect()
            if wasThere { relay.disconnected() }
            if Task.isCancelled { return }
            failures = wasGood ? 1 : failures + 1
            let delay = relay.settings.backoff.delay(afterFailures: failures, random: Double.random(in: 0..<1))
            relay.lost(problem, wasGood: wasGood, retryIn: delay)
            if !wasGood { advance { $0.goOffline() } }
            try? await Task.sleep(for: delay)
        }
    }

    private func connect<Wire: RelayWire>(_ wire: Wire.Type) async throws {
        let endpoint = relay.settings.endpoint
        let metadata = try endpoint.metadata()
        var options = CallOptions.defaults
        options.waitForReady = false
        options.maxResponseMessageBytes = 256 << 20
        let (writes, write) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let (rooms, room) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.connection += 1
            return state.connection
        }
        let connections = OpenConnections()
        let work = Abandonable<Void>()
        let request = StreamingClientRequest<Wire.Request>(metadata: metadata) { writer in
            guard self.begin(number, write, room) else { return }
            connections.whenClosed(after: .seconds(1)) {
                work.end(RPCError(code: .unavailable, message: "the connection was closed"))
            }
            for await _ in writes {
                for request in try self.takeToControlPlane() { try await writer.write(Wire.write(request)) }
            }
        }
        try await work.run { [options] in
            try await withGRPCClient(transport: try endpoint.transport(connections)) { client in
                try await Wire.open(ControlPlaneStub(wrapping: client), request, options) { response in
                    do {
                        var room = rooms.makeAsyncIterator()
                        for try await message in response.messages {
                            let response = Wire.read(message)
                            self.advance(number) { $0.receive(response) }
                            while self.isFull { if await room.next() == nil { return } }
                        }
                        work.end(RPCError(code: .unavailable, message: "the control plane ended the stream"))
                    } catch {
                        // Said here already: gRPC may take its time to let go of the connection.
                        work.end(error)
                        throw error
                    }
                }
            }
        }
    }

    /// The connection is there. False: it is not the one that counts.
    private func begin(
        _ number: Int, _ write: AsyncStream<Void>.Continuation, _ room: AsyncStream<Void>.Continuation
    ) -> Bool {
        let counts = state.withLock { state in
            guard state.connection == number else { return false }
            state.writes = write
            state.room = room
            state.isStuck = false
            return true
        }
        guard counts else { return false }
        relay.connected()
        advance { $0.connect() }
        return true
    }

    /// There is no connection any more; tells whether there was one, and whether the control plane said something.
    private func disconnect() -> (wasThere: Bool, wasGood: Bool) {
        state.withLock { state in
            let wasThere = state.writes != nil
            state.writes?.finish()
            state.room?.finish()
            state.writes = nil
            state.room = nil
            state.connection += 1
            state.toControlPlane = []
            let wasGood = state.stream.hasHeard
            state.stream.disconnect()
            return (wasThere, wasGood)
        }
    }

    /// Fetches what plug-ins need. Everything else goes on meanwhile.
    private func prepareResponses() async {
        guard let plugins = relay.plugins else {
            for await _ in preparations {}
            return
        }
        await withDiscardingTaskGroup { group in
            for await item in preparations {
                switch item {
                case .release(let names): await plugins.release(names)
                case .response(let response, let connection, let number, let ticket):
                    group.addTask {
                        let outcome = await plugins.prepared(response)
                        // The proxy is gone.
                        if Task.isCancelled { return }
                        if case .failure(let refusal) = outcome { self.report(refusal, response) }
                        self.advance(connection) { $0.prepared(number, outcome) }
                        self.state.withLock { $0.pending.note(ticket, response, outcome) }
                        self.releaseUnwanted(response.names)
                        self.retry.yield()
                    }
                }
            }
        }
    }

    /// Fetches again what could not be had, with more and more time in between, until it is there or is not wanted.
    private func prepareAgain() async {
        guard let plugins = relay.plugins else {
            for await _ in retries {}
            return
        }
        await withDiscardingTaskGroup { group in
            for await _ in retries {
                while await isTimeForAnotherTry() {
                    for question in state.withLock({ $0.pending.ask() }) {
                        group.addTask { await self.prepareAgain(question, plugins) }
                    }
                }
            }
        }
    }

    private func prepareAgain(_ question: PendingPlugins.Question, _ plugins: PluginPreparation) async {
        let outcome = await plugins.prepared(question.response)
        if Task.isCancelled { return }
        advanceAll { state in
            guard let ready = state.pending.take(question, outcome) else { return [] }
            return state.stream.offer(ready)
        }
        releaseUnwanted(question.response.names)
        retry.yield()
    }

    /// Lets go of modules that have come after the proxy had given up their plug-ins.
    private func releaseUnwanted(_ names: [String]) {
        state.withLock { state in
            let unwanted = state.stream.unwanted(names, of: .extensionConfig)
            // Within the lock: what the proxy asks for later is prepared later.
            if !unwanted.isEmpty { preparation.yield(.release(unwanted)) }
        }
    }

    /// Waits for the next try. False: there is nothing to try, or nobody to try it.
    private func isTimeForAnotherTry() async -> Bool {
        func failures() -> Int? { state.withLock { $0.pending.failures } }
        guard var known = failures() else { return false }
        var start = ContinuousClock.now
        while true {
            let backoff = relay.settings.moduleBackoff
            let rest = start + backoff.delay(afterFailures: known + 1, random: 1) - .now
            if rest <= .zero { return true }
            guard (try? await Task.sleep(for: min(rest, .seconds(1)))) != nil, let now = failures() else {
                return false
            }
            // Something else has failed, which is tried sooner.
            if now < known { (known, start) = (now, .now) }
        }
    }

    private func keepTime() async {
        guard (try? await Task.sleep(for: relay.settings.patience)) != nil else { return }
        // A control plane that says nothing is given up, for what is kept is better than nothing.
        state.withLock { state in
            if state.stream.isStarving, state.stream.isConnected { state.isStuck = true }
        }
        advance { $0.goOffline() }
        guard (try? await Task.sleep(for: .seconds(120))) != nil else { return }
        // Only what a control plane has told this proxy counts from now on.
        let wanted = state.withLock { state -> Set<String>? in
            guard state.stream.hasHeard else { return nil }
            state.stream.forgetPrevious()
            return state.stream.wanted(.extensionConfig)
        }
        // What plug-ins of a proxy before this one used is not.
        if let wanted, relay.status.proxies == 1 { await relay.plugins?.keep(wanted) }
        while (try? await Task.sleep(for: .seconds(86_400))) != nil {}
    }

    /// The workload's health has changed.
    func report(_ health: WorkloadHealth) { advance { $0.report(health) } }

    // MARK: - Questions of the agent

    /// Asks the control plane for something of the agent's own. False: there is none that would answer.
    func ask(_ typeURL: TypeURL, names: [String]) -> Bool {
        var isAsked = false
        advance { stream in
            let actions = stream.ask(typeURL, names: names)
            isAsked = !actions.isEmpty
            return actions
        }
        return isAsked
    }

    // MARK: - State

    /// - Parameter connection: The one that the input comes from; nil: none.
    private func advance(_ connection: Int? = nil, _ input: (inout RelayStream) -> [RelayAction]) {
        advanceAll(connection) { input(&$0.stream) }
    }

    private func advanceAll(_ connection: Int? = nil, _ input: (inout State) -> [RelayAction]) {
        let (own, writes, room, hasNews) = state.withLock { state in
            var own: [(RelayResponse, isWhole: Bool)] = []
            if let connection, connection != state.connection { return (own, state.writes, state.room, false) }
            for action in input(&state) {
                switch action {
                case .toProxy(let response): state.toProxy.append(response)
                case .toControlPlane(let request): state.toControlPlane.append(request)
                case .own(let response, let isWhole): own.append((response, isWhole: isWhole))
                case .prepare(let number, let response):
                    let ticket = state.pending.begin(response)
                    preparation.yield(
                        .response(response, connection: state.connection, number: number, ticket: ticket))
                case .released(let names):
                    state.pending.forget(names)
                    preparation.yield(.release(names))
                }
            }
            if state.toControlPlane.count > Self.requestLimit { state.isStuck = true }
            return (own, state.writes, state.room, !state.toProxy.isEmpty)
        }
        for (response, isWhole) in own { relay.take(response, isWhole: isWhole) }
        if hasNews { proxyWrite.yield() }
        writes?.yield()
        room?.yield()
    }

    private var isFull: Bool {
        state.withLock { $0.stream.inFlight + $0.toProxy.count > Self.responseLimit }
    }

    private func takeToProxy() -> [RelayResponse] {
        state.withLock { state in
            defer { state.toProxy = [] }
            return state.toProxy
        }
    }

    private func takeToControlPlane() throws -> [RelayRequest] {
        try state.withLock { state in
            if state.isStuck {
                throw RPCError(
                    code: .unavailable, message: "the control plane does not read, or says nothing: it counts as dead")
            }
            defer { state.toControlPlane = [] }
            return state.toControlPlane
        }
    }

    private func report(_ refusal: RelayRefusal, _ response: RelayResponse) {
        relay.logger.warning(
            "The agent refused configuration: the modules of plug-ins cannot be had",
            metadata: ["type": "\(response.typeURL)", "nonce": "\(response.nonce)", "why": "\(refusal.reason)"])
    }

    private func report(_ reason: String, _ request: RelayRequest) {
        relay.logger.warning(
            "The proxy refused configuration",
            metadata: ["type": "\(request.typeURL)", "nonce": "\(request.nonce)", "why": "\(reason)"])
    }
}
