package import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Glibc
import Synchronization

/// A gRPC server on a Unix socket, for the proxy beside the agent alone.
package final class SocketServer: Sendable {
    private enum Phase {
        case starting([CheckedContinuation<Void, any Error>])
        case listening
        case failed(any Error)
    }

    private let path: String
    private let mode: mode_t
    private let transport: HTTP2ServerTransport.Posix
    private let server: GRPCServer<HTTP2ServerTransport.Posix>
    private let phase = Mutex(Phase.starting([]))

    /// A server that does not listen yet.
    ///
    /// - Parameters:
    ///   - mode: Who may connect, as of files: writing counts.
    ///   - requestBytes: More than so many of a request end its stream.
    package init(path: String, mode: UInt32, services: [any RegistrableRPCService], requestBytes: Int = 16 << 20) {
        self.path = path
        self.mode = mode_t(mode)
        var config = HTTP2ServerTransport.Posix.Config.defaults
        config.rpc.maxRequestPayloadSize = requestBytes
        config.connection.keepalive.clientBehavior = .init(
            minPingIntervalWithoutCalls: .seconds(5), allowWithoutCalls: true)
        transport = HTTP2ServerTransport.Posix(
            address: .unixDomainSocket(path: path), transportSecurity: .plaintext, config: config)
        server = GRPCServer(transport: transport, services: services)
    }

    /// Serves until the task is cancelled; then streams have a moment to end. A socket that is there is replaced.
    package func run() async throws {
        unlink(path)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.serve() }
                group.addTask {
                    _ = try await self.transport.listeningAddress
                    guard chmod(self.path, self.mode) == 0 else { throw FileProblem("listen on", self.path) }
                    self.settle(.listening)
                }
                defer { group.cancelAll() }
                try await group.waitForAll()
            }
            settle(.failed(CancellationError()))
        } catch {
            settle(.failed(error))
            if !Task.isCancelled { throw error }
        }
        unlink(path)
    }

    /// gRPC must not be cut off in the middle of accepting: it is told to end before it is made to.
    private func serve() async throws {
        let serving = Task { try await server.serve() }
        try await withTaskCancellationHandler {
            try await serving.value
        } onCancel: {
            server.beginGracefulShutdown()
            Task {
                try? await Task.sleep(for: .seconds(1))
                serving.cancel()
            }
        }
    }

    /// Returns when the socket is there.
    package func listening() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let isSettled: Result<Void, any Error>? = phase.withLock { phase in
                switch phase {
                case .starting(let waiting):
                    phase = .starting(waiting + [continuation])
                    return nil
                case .listening: return .success(())
                case .failed(let error): return .failure(error)
                }
            }
            if let isSettled { continuation.resume(with: isSettled) }
        }
    }

    private func settle(_ next: Phase) {
        let waiting = phase.withLock { phase in
            defer { phase = next }
            if case .starting(let waiting) = phase { return waiting }
            return []
        }
        for continuation in waiting {
            if case .failed(let error) = next { continuation.resume(throwing: error) } else { continuation.resume() }
        }
    }
}
