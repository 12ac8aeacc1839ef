import MeshTesting
import Testing

@testable import XDSServer

@Suite struct DebounceTests {
    private let start = ContinuousClock.now

    @Test func waitsForQuiet() {
        var debounce = Debounce<String>()
        debounce.add(["a"], now: start)
        debounce.add(["b"], now: start + .milliseconds(90))
        #expect(debounce.nextDeadline == start + .milliseconds(190))
        #expect(debounce.next(now: start + .milliseconds(189)) == nil)
        let batch = debounce.next(now: start + .milliseconds(190))
        #expect(batch == .init(keys: ["a", "b"], isUrgent: false, since: start))
        #expect(debounce.next(now: start + .seconds(60)) == nil)
        #expect(debounce.nextDeadline == nil)
    }

    @Test func doesNotWaitForEver() {
        var debounce = Debounce<Int>()
        var now = start
        var batches = 0
        for key in 0..<1000 {
            debounce.add([key], now: now)
            if let batch = debounce.next(now: now) {
                batches += 1
                #expect(now - batch.since >= .seconds(10))
                #expect(now - batch.since < .milliseconds(10_050))
            }
            now += .milliseconds(50)
        }
        #expect(batches == 4, "fifty seconds without rest")
    }

    @Test func urgentKeysGoAtOnceButNotAllTheTime() {
        var debounce = Debounce<String>()
        debounce.add(["patient"], now: start)
        debounce.add(["e1"], isUrgent: true, now: start)
        #expect(debounce.next(now: start) == .init(keys: ["e1"], isUrgent: true, since: start))
        debounce.add(["e2"], isUrgent: true, now: start + .milliseconds(1))
        debounce.add(["e3"], isUrgent: true, now: start + .milliseconds(2))
        #expect(debounce.next(now: start + .milliseconds(9)) == nil)
        #expect(debounce.nextDeadline == start + .milliseconds(10))
        let second = debounce.next(now: start + .milliseconds(10))
        #expect(second == .init(keys: ["e2", "e3"], isUrgent: true, since: start + .milliseconds(1)))
        debounce.add(["e4"], isUrgent: true, now: start + .milliseconds(95))
        #expect(debounce.next(now: start + .milliseconds(100))?.keys == ["patient", "e4"])
    }

    /// Nothing is lost, nothing comes twice, and nothing waits longer than promised.
    @Test(arguments: 0..<50 as Range<UInt64>) func keepsItsPromises(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var debounce = Debounce<Int>()
        var waiting: [Int: ContinuousClock.Instant] = [:]
        var now = start
        for key in 0..<500 {
            now += .milliseconds(Int.random(in: 0..<60, using: &random))
            if let deadline = debounce.nextDeadline, deadline <= now {
                let batch = debounce.next(now: deadline)
                #expect(batch != nil, "a deadline without a batch")
                for done in batch?.keys ?? [] {
                    let since = waiting.removeValue(forKey: done)
                    #expect(since.map { deadline - $0 <= debounce.timing.longestDelay } ?? false)
                }
            }
            debounce.add([key], isUrgent: Bool.random(using: &random), now: now)
            waiting[key] = now
        }
        while let deadline = debounce.nextDeadline {
            for done in debounce.next(now: deadline)?.keys ?? [] { waiting[done] = nil }
        }
        #expect(waiting.isEmpty)
    }
}
