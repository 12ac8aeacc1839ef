import AgentRuntime
import DiscoveryAPI
import GRPCCore
package import MeshMetrics
import Metrics
import ServiceLifecycle
import Synchronization

/// Where Envoy tells of connections, and of requests that it does not count itself; and what is counted of them.
package final class ConnectionLog: Service {
    private struct State: Sendable {
        var counts = ConnectionCounts()
        var requests: RequestCounts
        var peers = PeerDirectory()
        var streams = 0
        /// Asks the control plane who is at some addresses; false: it cannot be asked.
        var ask: @Sendable ([String]) -> Bool = { _ in false }

        /// Somebody's names are to be asked for.
        var hasQuestions: Bool { counts.isWaiting || requests.isWaiting || peers.isWanting }

        mutating func settle(now: SuspendingClock.Instant) {
            counts.settle(&peers, now: now)
            requests.settle(&peers, now: now)
        }

        mutating func takeQuestion(now: SuspendingClock.Instant) -> [String] {
            let (counts, requests) = (counts, requests)
            return peers.takeQuestion(now: now) { counts.isWaiting(for: $0) || requests.isWaiting(for: $0) }
        }

        mutating func putBack(_ question: [String]) {
            let (counts, requests) = (counts, requests)
            peers.putBack(question) { counts.isWaiting(for: $0) || requests.isWaiting(for: $0) }
        }
    }

    /// A worker of Envoy has a stream for each kind of log.
    private static let streamLimit = 4096
    private static let messageBytes = 4 << 20
    /// Between two questions.
    private static let pause: Duration = .milliseconds(500)

    private let state: Mutex<State>
    private let server: Mutex<SocketServer?> = Mutex(nil)
    private let path: String
    private let metrics: ConnectionLogMetrics
    private let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// A log that nobody can tell of anything yet.
    ///
    /// - Parameters:
    ///   - path: Of the socket.
    ///   - bounds: Of the buckets of histograms, as Envoy has them.
    package init(path: String, bounds: RequestTotals.Bounds) {
        self.path = path
        state = Mutex(State(requests: RequestCounts(bounds)))
        metrics = ConnectionLogMetrics()
    }

    /// Says who can be asked for peers.
    package func asks(_ ask: @escaping @Sendable ([String]) -> Bool) { state.withLock { $0.ask = ask } }

    /// What is counted so far.
    package var traffic: CountedTraffic {
        state.withLock { state in
            state.settle(now: .now)
            return CountedTraffic(connections: state.counts.totals, requests: state.requests.totals)
        }
    }

    /// Returns when the socket is there.
    package func listening() async throws { try await socketServer.listening() }

    /// Serves until the service ends.
    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.socketServer.run() }
                group.addTask { await self.keepAsking() }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }

    private var socketServer: SocketServer {
        server.withLock { server in
            if let server { return server }
            let made = SocketServer(
                path: path, mode: 0o600, services: [ConnectionLogService(log: self)], requestBytes: Self.messageBytes)
            server = made
            return made
        }
    }

    // MARK: - Envoy

    fileprivate func beginStream() throws {
        let isFull = state.withLock { state in
            state.streams += 1
            return state.streams > Self.streamLimit
        }
        guard isFull else { return }
        endStream()
        throw RPCError(code: .resourceExhausted, message: "\(Self.streamLimit) logs are open, and no more are taken")
    }

    fileprivate func endStream() { state.withLock { $0.streams -= 1 } }

    fileprivate func receive(_ records: [ConnectionRecord], counted: ConnectionTotals.Counted) {
        let (untracked, folded, hasQuestions) = state.withLock { state in
            let before = (state.counts.untracked, state.counts.folded)
            let now = SuspendingClock.now
            for record in records { state.counts.receive(record, counted: counted, peers: &state.peers, now: now) }
            let counts = state.counts
            return (counts.untracked - before.0, counts.folded - before.1, state.hasQuestions)
        }
        metrics.records.increment(by: Int64(records.count))
        if untracked > 0 { metrics.untracked.increment(by: Int64(clamping: untracked)) }
        if folded > 0 { metrics.folded.increment(by: Int64(clamping: folded)) }
        if hasQuestions { wake.yield() }
    }

    fileprivate func receive(_ records: [RequestRecord], counted: RequestTotals.Counted) {
        let (unnamed, folded, hasQuestions) = state.withLock { state in
            let before = (state.requests.unnamed, state.requests.folded)
            let now = SuspendingClock.now
            for record in records { state.requests.receive(record, counted: counted, peers: &state.peers, now: now) }
            let requests = (state.requests.unnamed, state.requests.folded)
            return (requests.0 - before.0, requests.1 - before.1, state.hasQuestions)
        }
        metrics.requests.increment(by: Int64(records.count))
        if unnamed > 0 { metrics.unnamedRequests.increment(by: Int64(clamping: unnamed)) }
        if folded > 0 { metrics.foldedRequests.increment(by: Int64(clamping: folded)) }
        if hasQuestions { wake.yield() }
    }

    // MARK: - The control plane

    /// As long as clients' names are wanted.
    private func keepAsking() async {
        for await _ in wakes {
            while askOnce() { if (try? await Task.sleep(for: Self.pause)) == nil { return } }
        }
    }

    /// Asks for what is wanted. False: nobody wants to know any more.
    private func askOnce() -> Bool {
        let (question, ask, isWaiting) = state.withLock { state in
            let now = SuspendingClock.now
            state.settle(now: now)
            return (state.takeQuestion(now: now), state.ask, state.hasQuestions)
        }
        guard !question.isEmpty else { return isWaiting }
        if ask(question) {
            metrics.asked.increment(by: Int64(question.count))
        } else {
            state.withLock { $0.putBack(question) }
        }
        return isWaiting
    }

    /// Takes what the control plane answers.
    package func take(_ answers: PeerAnswers) {
        state.withLock { state in
            let now = SuspendingClock.now
            state.peers.take(answers, now: now)
            state.settle(now: now)
        }
    }
}

/// ALS on the agent's socket.
private struct ConnectionLogService: Envoy_Service_Accesslog_V3_AccessLogService.SimpleServiceProtocol {
    unowned let log: ConnectionLog

    func streamAccessLogs(
        request: RPCAsyncSequence<Envoy_Service_Accesslog_V3_StreamAccessLogsMessage, any Error>,
        context: ServerContext
    ) async throws -> Envoy_Service_Accesslog_V3_StreamAccessLogsResponse {
        try log.beginStream()
        defer { log.endStream() }
        var connections: ConnectionTotals.Counted?
        var requests: RequestTotals.Counted?
        for try await message in request {
            // Said once, in the first message.
            if message.hasIdentifier {
                connections = .init(logName: message.identifier.logName)
                requests = .init(logName: message.identifier.logName)
            }
            if let connections {
                log.receive(message.tcpLogs.logEntry.map { ConnectionRecord($0) }, counted: connections)
            } else if let requests {
                log.receive(message.httpLogs.logEntry.compactMap { RequestRecord($0) }, counted: requests)
            } else {
                throw RPCError(
                    code: .invalidArgument,
                    message:
                        "\"\(message.identifier.logName)\" is no log of connections or requests: the agent takes no other"
                )
            }
        }
        return Envoy_Service_Accesslog_V3_StreamAccessLogsResponse()
    }
}
