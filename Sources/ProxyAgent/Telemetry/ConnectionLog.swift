import DiscoveryAPI
import GRPCCore
package import MeshMetrics
import Metrics
import ServiceLifecycle
import Synchronization

/// Where Envoy tells of connections, and what is counted of them.
package final class ConnectionLog: Service {
    private struct State: Sendable {
        var counts = ConnectionCounts()
        var peers = PeerDirectory()
        var streams = 0
        /// Asks the control plane who is at some addresses; false: it cannot be asked.
        var ask: @Sendable ([String]) -> Bool = { _ in false }
    }

    /// A worker of Envoy has a stream for each kind of log.
    private static let streamLimit = 4096
    private static let messageBytes = 4 << 20
    /// Between two questions.
    private static let pause: Duration = .milliseconds(500)

    private let state = Mutex(State())
    private let server: Mutex<SocketServer?> = Mutex(nil)
    private let path: String
    private let metrics: ConnectionLogMetrics
    private let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// A log that nobody can tell of anything yet.
    ///
    /// - Parameter path: Of the socket.
    package init(path: String) {
        self.path = path
        metrics = ConnectionLogMetrics()
    }

    /// Says who can be asked for peers.
    func asks(_ ask: @escaping @Sendable ([String]) -> Bool) { state.withLock { $0.ask = ask } }

    /// What is counted so far.
    package var totals: [ConnectionTotals] {
        state.withLock { state in
            state.counts.settle(&state.peers, now: .now)
            return state.counts.totals
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
            return (
                counts.untracked - before.0, counts.folded - before.1, counts.isWaiting || state.peers.isWanting
            )
        }
        metrics.records.increment(by: Int64(records.count))
        if untracked > 0 { metrics.untracked.increment(by: Int64(clamping: untracked)) }
        if folded > 0 { metrics.folded.increment(by: Int64(clamping: folded)) }
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
            state.counts.settle(&state.peers, now: now)
            let counts = state.counts
            let question = state.peers.takeQuestion(now: now) { counts.isWaiting(for: $0) }
            return (question, state.ask, counts.isWaiting || state.peers.isWanting)
        }
        guard !question.isEmpty else { return isWaiting }
        if ask(question) {
            metrics.asked.increment(by: Int64(question.count))
        } else {
            state.withLock { state in
                let counts = state.counts
                state.peers.putBack(question) { counts.isWaiting(for: $0) }
            }
        }
        return isWaiting
    }

    /// Takes what the control plane answers.
    func take(_ answers: PeerAnswers) {
        state.withLock { state in
            let now = SuspendingClock.now
            state.peers.take(answers, now: now)
            state.counts.settle(&state.peers, now: now)
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
        var counted: ConnectionTotals.Counted?
        for try await message in request {
            // Said once, in the first message.
            if message.hasIdentifier { counted = ConnectionTotals.Counted(logName: message.identifier.logName) }
            guard let counted else {
                throw RPCError(
                    code: .invalidArgument,
                    message: "\"\(message.identifier.logName)\" is no log of connections: the agent takes no other")
            }
            log.receive(message.tcpLogs.logEntry.map { ConnectionRecord($0) }, counted: counted)
        }
        return Envoy_Service_Accesslog_V3_StreamAccessLogsResponse()
    }
}
