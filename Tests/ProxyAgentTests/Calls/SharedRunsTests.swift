import AgentRuntime
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct SharedRunsTests {
    /// Waits until its task is cancelled.
    private struct Patience: Sendable {
        private let waits: AsyncStream<Void>
        private let wake: AsyncStream<Void>.Continuation

        init() { (waits, wake) = AsyncStream.makeStream(of: Void.self) }

        func wait() async throws {
            for await _ in waits {}
            try Task.checkCancellation()
        }

        func end() { wake.finish() }
    }

    private final class Count: Sendable {
        private let number = Atomic(0)

        var value: Int { number.load(ordering: .relaxed) }

        @discardableResult
        func increment() -> Int { number.add(1, ordering: .relaxed).newValue }
    }

    @Test func whoeverWaitsGetsTheSame() async throws {
        let runs = SharedRuns<String, Int>()
        let begun = Count()
        let patience = Patience()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await runs.value(for: "a") {
                        let number = begun.increment()
                        try await patience.wait()
                        return number
                    }
                }
            }
            try await soon("it runs") { begun.value == 1 }
            let other = try await runs.value(for: "b") { 7 }
            #expect(other == 7, "another key waits for nobody")
            // One that gives up takes nothing from the others.
            let impatient = Task { try await runs.value(for: "a") { 0 } }
            impatient.cancel()
            guard case .failure = await impatient.result else { throw NotSo("it had a result") }
            #expect(runs.count == 1)
            // Whoever has not begun to wait yet runs it once more.
            patience.end()
            for try await number in group { #expect(number >= 1) }
        }
        #expect(runs.count == 0)
    }

    @Test func withTheLastWhoWaitsTheWorkEnds() async throws {
        let runs = SharedRuns<String, Int>()
        let begun = Count()
        let ended = Count()
        let waiting = (0..<3).map { _ in
            Task {
                try await runs.value(for: "a") {
                    begun.increment()
                    defer { ended.increment() }
                    try await Task.sleep(for: .seconds(36_000))
                    return 1
                }
            }
        }
        try await soon("it runs") { begun.value == 1 }
        waiting[0].cancel()
        waiting[1].cancel()
        for task in waiting.prefix(2) { _ = await task.result }
        waiting[2].cancel()
        _ = await waiting[2].result
        try await soon("it has ended") { ended.value == begun.value }
        #expect(runs.count == 0)
        #expect(try await runs.value(for: "a") { 2 } == 2, "what is asked for later is done anew")
    }

    @Test func aFailureIsNotKept() async throws {
        let runs = SharedRuns<String, Int>()
        await #expect(throws: NotSo.self) { _ = try await runs.value(for: "a") { throw NotSo("no") } }
        #expect(try await runs.value(for: "a") { 3 } == 3)
    }

    @Test func whoIsCancelledBeginsNothing() async throws {
        let runs = SharedRuns<String, Int>()
        let begun = Count()
        let late = Task {
            try? await Task.sleep(for: .seconds(36_000))
            return try await runs.value(for: "a") { begun.increment() }
        }
        late.cancel()
        guard case .failure = await late.result else { throw NotSo("it had a result") }
        #expect(begun.value == 0)
    }
}
