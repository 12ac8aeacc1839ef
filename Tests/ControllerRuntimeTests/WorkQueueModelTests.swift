import MeshTesting
import Testing

@testable import ControllerRuntime

/// The queue against a model without any order or cleverness: for each key, the earliest moment it was asked for.
@Suite struct WorkQueueModelTests {
    private struct Model {
        var wanted: [Int: ContinuousClock.Instant] = [:]
        var inWork: Set<Int> = []

        mutating func add(_ key: Int, at moment: ContinuousClock.Instant) {
            wanted[key] = min(wanted[key] ?? moment, moment)
        }

        func ready(_ now: ContinuousClock.Instant) -> Set<Int> {
            Set(wanted.filter { $0.value <= now && !inWork.contains($0.key) }.keys)
        }

        /// When a key that nobody works on is due.
        var nextDue: ContinuousClock.Instant? { wanted.filter { !inWork.contains($0.key) }.values.min() }
    }

    @Test(arguments: 0..<60)
    func agrees(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var (queue, model) = (WorkQueueState<Int>(), Model())
        var now = ContinuousClock.now
        for _ in 0..<1500 {
            let key = Int.random(in: 0..<12, using: &generator)
            switch Int.random(in: 0..<8, using: &generator) {
            case 0, 1:
                queue.add(key)
                model.add(key, at: now)
            case 2:
                let moment = now + .seconds(Int.random(in: 0..<20, using: &generator))
                queue.add(key, at: moment)
                model.add(key, at: moment)
            case 3: now += .seconds(Int.random(in: 0..<8, using: &generator))
            case 4, 5:
                guard let done = model.inWork.sorted().randomElement(using: &generator) else { continue }
                queue.finish(done)
                model.inWork.remove(done)
            default: check(&queue, &model, now)
            }
            #expect(queue.depth <= 12)
        }
    }

    private func check(_ queue: inout WorkQueueState<Int>, _ model: inout Model, _ now: ContinuousClock.Instant) {
        let ready = model.ready(now)
        switch queue.next(now: now) {
        case .key(let key):
            #expect(ready.contains(key))
            model.wanted[key] = nil
            model.inWork.insert(key)
        case .wait(let moment):
            #expect(ready.isEmpty)
            // It may wake too early, never too late, and not at once.
            if let due = model.nextDue { #expect(moment.map { $0 <= due && $0 > now } ?? false) }
            if let moment { #expect(moment > now) }
        }
    }
}
