import ControlPlane
import Dispatch
import MeshObservation
import Synchronization
import Testing

/// Looks names up, and holds the thread for those that hang until it is told to let go.
private final class Names: Sendable {
    private let gate = DispatchSemaphore(value: 0)
    private let started = Mutex<[String]>([])

    var lookups: [String] { started.withLock { $0 } }

    @Sendable func lookUp(_ name: String) throws -> [String] {
        started.withLock { $0.append(name) }
        if name.hasPrefix("hangs") {
            gate.wait()
            gate.signal()
        }
        if name.hasPrefix("unknown") { throw HostResolutionError(name, "nobody knows it") }
        return ["of \(name)"]
    }

    /// Nothing hangs any more.
    func letGo() { gate.signal() }
}

@Suite("Lookups that may never end", .timeLimit(.minutes(2))) struct LookupPoolTests {
    private let brief = Duration.milliseconds(20)
    private let long = Duration.seconds(60)

    private func problem(_ pool: LookupPool, _ name: String, within timeout: Duration) async -> String? {
        do {
            _ = try await pool.addresses(of: name, within: timeout)
            return nil
        } catch {
            return (error as? HostResolutionError)?.problem ?? "\(error)"
        }
    }

    @Test func answersAndErrorsComeThrough() async throws {
        let pool = LookupPool(threads: 2, lookUp: Names().lookUp)
        #expect(try await pool.addresses(of: "a", within: long) == ["of a"])
        #expect(await problem(pool, "unknown", within: long) == "nobody knows it")
        let all = try await withThrowingTaskGroup(of: [String].self) { group in
            for number in 0..<50 { group.addTask { try await pool.addresses(of: "n\(number % 7)", within: long) } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(all.count == 50 && Set(all).count == 7)
    }

    /// However often a name is asked for that nobody answers, it holds one thread, and others are looked up.
    @Test func aNameThatHangsHoldsOneThread() async throws {
        let names = Names()
        defer { names.letGo() }
        let pool = LookupPool(threads: 2, lookUp: names.lookUp)
        async let hanging = problem(pool, "hangs", within: long)
        while names.lookups.isEmpty { await Task.yield() }
        for _ in 0..<5 {
            #expect(await problem(pool, "hangs", within: brief) == "no answer within \(brief)")
            #expect(try await pool.addresses(of: "a", within: long) == ["of a"])
        }
        #expect(names.lookups.count { $0 == "hangs" } == 1)
        names.letGo()
        #expect(await hanging == nil)
    }

    /// With all threads lost nobody waits longer than he said, and what nobody waits for any more is not looked up once
    /// there is a thread again.
    @Test func whoseTurnDoesNotComeIsTold() async throws {
        let names = Names()
        defer { names.letGo() }
        let pool = LookupPool(threads: 2, lookUp: names.lookUp)
        async let first = problem(pool, "hangs 1", within: long)
        async let second = problem(pool, "hangs 2", within: long)
        while names.lookups.count < 2 { await Task.yield() }
        #expect(
            await problem(pool, "late", within: brief)
                == "its turn did not come within \(brief): 2 other lookups have no answer")
        async let waiting = pool.addresses(of: "patient", within: long)
        names.letGo()
        #expect(try await waiting == ["of patient"])
        let others = await [first, second]
        #expect(others == [nil, nil])
        #expect(try await pool.addresses(of: "hangs 1", within: long) == ["of hangs 1"])
        #expect(!names.lookups.contains("late"))
        #expect(try await pool.addresses(of: "late", within: long) == ["of late"])
    }

    @Test func whoIsCancelledDoesNotWait() async {
        let names = Names()
        defer { names.letGo() }
        let pool = LookupPool(threads: 1, lookUp: names.lookUp)
        for isEarly in [true, false] {
            let task = Task { try await pool.addresses(of: "hangs", within: .seconds(3600)) }
            if !isEarly { while names.lookups.isEmpty { await Task.yield() } }
            task.cancel()
            await #expect(throws: CancellationError.self) { _ = try await task.value }
        }
    }
}
