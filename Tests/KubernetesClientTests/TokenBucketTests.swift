import Testing

@testable import KubernetesClient

@Suite struct TokenBucketTests {
    let start = ContinuousClock.Instant.now

    @Test func letsABurstThroughThenSpreadsOut() {
        var bucket = TokenBucket(perSecond: 10, capacity: 3, now: start)
        let waits = (0..<6).map { _ in bucket.take(now: start) }
        #expect(waits == [0, 0, 0, 100, 200, 300].map { Duration.milliseconds($0) })
    }

    @Test func fillsUpInAPauseButNotBeyondItsCapacity() {
        var bucket = TokenBucket(perSecond: 10, capacity: 2, now: start)
        for _ in 0..<2 { _ = bucket.take(now: start) }
        let later = start + .seconds(3600)
        let waits = (0..<3).map { _ in bucket.take(now: later) }
        #expect(waits == [.zero, .zero, .milliseconds(100)])
    }

    @Test func holdsItsRateOverTime() {
        var bucket = TokenBucket(perSecond: 50, capacity: 1, now: start)
        var now = start
        for _ in 0..<500 { now += bucket.take(now: now) }
        let seconds = start.duration(to: now) / .seconds(1)
        #expect(abs(seconds - 499.0 / 50) < 0.01)
    }
}

@Suite struct ConcurrencyGateTests {
    /// Counts how many are inside at once.
    private actor Room {
        private(set) var most = 0
        private var inside = 0

        func enter() {
            inside += 1
            most = max(most, inside)
        }

        func leave() { inside -= 1 }
    }

    @Test func letsOnlySoManyThroughAtOnce() async throws {
        let gate = ConcurrencyGate(places: 3)
        let room = Room()
        let done = try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await gate.withPlace {
                        await room.enter()
                        for _ in 0..<10 { await Task.yield() }
                        await room.leave()
                    }
                }
            }
            return try await group.reduce(into: 0) { count, _ in count += 1 }
        }
        #expect(done == 50)
        #expect(await room.most <= 3)
    }

    @Test func aWaiterThatIsCancelledLeavesTheQueue() async throws {
        let gate = ConcurrencyGate(places: 1)
        try await gate.withPlace {
            let waiter = Task { try await gate.withPlace {} }
            waiter.cancel()
            await #expect(throws: CancellationError.self) { try await waiter.value }
        }
        try await gate.withPlace {}  // the place is free again
    }

    @Test func aFailureGivesThePlaceBack() async throws {
        struct Failure: Error {}
        let gate = ConcurrencyGate(places: 1)
        await #expect(throws: Failure.self) { try await gate.withPlace { throw Failure() } }
        try await gate.withPlace {}
    }
}
