import Synchronization
import Testing

@testable import Observability

@Suite struct HTTPShutdownTests {
    private let request = "GET /wait HTTP/1.1\r\nhost: a\r\n\r\n"

    /// Whether nobody listens on the port any more, asked until it is so.
    private func isClosed(_ port: Int) async -> Bool {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            do { _ = try RawConnection(port: port) } catch { return true }
            await Task.yield()
        }
        return false
    }

    /// The listener and idle connections go at once; the request under way gets its reply; then run() returns.
    @Test func finishesRequestsUnderWay() async throws {
        let started = OneShot<Void>()
        let gate = OneShot<Void>()
        let routes = HTTPRoutes([
            "/wait": HTTPRoute { _ in
                started.resolve(.success(()))
                try? await gate.value
                return .text(Task.isCancelled ? "cancelled\n" : "finished\n")
            }
        ])
        try await withServer(routes) { port, shutDown in
            let idle = try RawConnection(port: port)
            let busy = try RawConnection(port: port)
            try busy.send(request)
            try await started.value
            await shutDown()
            #expect(await isClosed(port))
            #expect(try await idle.readToEnd() == "")
            gate.resolve(.success(()))
            let reply = try await busy.readToEnd()
            #expect(reply.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(reply.contains("connection: close\r\n"))
            #expect(reply.hasSuffix("\r\n\r\nfinished\n"))
        }
    }

    /// A handler that does not end is cancelled when the time to drain is over.
    @Test func doesNotDrainForever() async throws {
        var limits = HTTPLimits()
        limits.drainTime = .milliseconds(50)
        let started = OneShot<Void>()
        let wasCancelled = Atomic(false)
        let routes = HTTPRoutes([
            "/wait": HTTPRoute { _ in
                started.resolve(.success(()))
                do { try await Task.sleep(for: .seconds(600)) } catch { wasCancelled.store(true, ordering: .relaxed) }
                return .text("")
            }
        ])
        try await withServer(routes, limits: limits) { port, shutDown in
            let busy = try RawConnection(port: port)
            try busy.send(request)
            try await started.value
            await shutDown()
            let reply = try await busy.readToEnd()
            #expect(!reply.contains("200 OK"))
        }
        let handlerWasCancelled = wasCancelled.load(ordering: .relaxed)
        #expect(handlerWasCancelled)
    }

    @Test func endsAtOnceWhenCancelled() async throws {
        let started = OneShot<Void>()
        let routes = HTTPRoutes([
            "/wait": HTTPRoute { _ in
                started.resolve(.success(()))
                try? await Task.sleep(for: .seconds(600))
                return .text("")
            }
        ])
        let server = HTTPEndpoints(host: "127.0.0.1", port: 0, routes: routes, logger: silent)
        let running = Task { try await server.run() }
        let port = try await server.boundPort
        let busy = try RawConnection(port: port)
        try busy.send(request)
        try await started.value
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
        #expect(await isClosed(port))
        let reply = try await busy.readToEnd()
        #expect(!reply.contains("200 OK"))
    }

    @Test func saysWhyItCannotListen() async throws {
        try await withServer(plainRoutes) { port, _ in
            let second = HTTPEndpoints(host: "127.0.0.1", port: port, routes: plainRoutes, logger: silent)
            let error = await #expect(throws: ListenError.self) { try await second.run() }
            #expect(error?.description.hasPrefix("cannot listen on 127.0.0.1:\(port): ") == true)
            #expect(error?.description.contains("in use") == true, "\(error?.description ?? "")")
            await #expect(throws: ListenError.self) { _ = try await second.boundPort }
        }
    }

    @Test func waitingForThePortCanBeCancelled() async throws {
        let server = HTTPEndpoints(port: 0, routes: plainRoutes, logger: silent)
        let waiting = Task { try await server.boundPort }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }
}
