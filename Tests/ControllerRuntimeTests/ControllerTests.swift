import ControllerRuntime
import Logging
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ControllerTests {
    private struct Closure: Reconciler {
        var body: @Sendable (String) async throws -> Requeue

        func reconcile(_ key: String) async throws -> Requeue { try await body(key) }
    }

    private struct Broken: Error {}

    private let queue = WorkQueue<String>(backoff: Backoff(base: .milliseconds(1), limit: .milliseconds(2)))

    private func controller(
        concurrency: Int = 1, _ body: @escaping @Sendable (String) async throws -> Requeue
    ) -> Controller<String> {
        Controller(
            name: "test", queue: queue, reconciler: Closure(body: body), concurrency: concurrency,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func triesAgainWhatFailed() async throws {
        let attempts = AsyncStream<Int>.makeStream()
        let count = Mutex(0)
        let controller = controller { _ in
            let attempt = count.withLock { count in
                count += 1
                return count
            }
            attempts.continuation.yield(attempt)
            if attempt < 3 { throw Broken() }
            return attempt == 3 ? .after(.milliseconds(1)) : .none
        }
        queue.add("a")
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await controller.run() }
            for await attempt in attempts.stream where attempt == 4 { break }
            group.cancelAll()
        }
        #expect(count.withLock { $0 } == 4)
    }

    /// A call within the reconcile was cancelled, not the controller: that is a failure like others.
    @Test func triesAgainWhatWasCancelledFromWithin() async throws {
        let attempts = AsyncStream<Void>.makeStream()
        let count = Mutex(0)
        let controller = controller { _ in
            let attempt = count.withLock { count in
                count += 1
                return count
            }
            if attempt == 1 { throw CancellationError() }
            attempts.continuation.yield()
            return .none
        }
        queue.add("a")
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await controller.run() }
            for await _ in attempts.stream { break }
            group.cancelAll()
        }
        #expect(count.withLock { $0 } == 2)
    }

    /// So that nothing is lost when a controller stops and, on the same queue, starts again: a leader that lost its
    /// lease for a moment.
    @Test(arguments: [true, false])
    func putsBackWhatItCouldNotEnd(_ throwsCancellation: Bool) async throws {
        let started = AsyncStream<Void>.makeStream()
        let controller = controller { _ in
            started.continuation.yield()
            try? await Task.sleep(for: .seconds(3600))
            if throwsCancellation { throw CancellationError() }
            throw Broken()
        }
        queue.add("a")
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await controller.run() }
            for await _ in started.stream { break }
            group.cancelAll()
        }
        #expect(queue.depth == 1)
        #expect(await queue.next() == "a")
    }

    @Test func worksOnSeveralKeysAtOnce() async throws {
        let waiting = AsyncStream<String>.makeStream()
        let controller = controller(concurrency: 3) { key in
            waiting.continuation.yield(key)
            try await Task.sleep(for: .seconds(3600))
            return .none
        }
        for key in ["a", "b", "c", "d"] { queue.add(key) }
        var seen: Set<String> = []
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await controller.run() }
            for await key in waiting.stream {
                seen.insert(key)
                if seen.count == 3 { break }
            }
            #expect(queue.depth == 1)
            group.cancelAll()
        }
        #expect(seen == ["a", "b", "c"])
        #expect(queue.depth == 4)
    }
}
