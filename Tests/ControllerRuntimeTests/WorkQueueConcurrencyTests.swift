import ControllerRuntime
import MeshTesting
import Synchronization
import Testing

/// Many producers, many consumers: every key is looked at after its last change, and never by two at once.
@Suite(.timeLimit(.minutes(10)))
struct WorkQueueConcurrencyTests {
    private final class World: Sendable {
        struct State {
            var versions = Array(repeating: 0, count: 20)
            var seen = Array(repeating: 0, count: 20)
            var inWork: Set<Int> = []
            var overlaps = 0
            var producers = 8
        }

        let state = Mutex(State())
        let queue = WorkQueue<Int>(backoff: Backoff(base: .microseconds(50), limit: .microseconds(200)))
        private let done = AsyncStream<Void>.makeStream()

        func produce(_ seed: UInt64) async {
            var generator = SeededGenerator(seed: seed)
            for _ in 0..<300 {
                let key = Int.random(in: 0..<20, using: &generator)
                state.withLock { $0.versions[key] += 1 }
                if Bool.random(using: &generator) { queue.add(key) } else { queue.add(key, after: .microseconds(100)) }
                if generator.next() % 8 == 0 { await Task.yield() }
            }
            state.withLock { $0.producers -= 1 }
            endIfDone()
        }

        func consume(_ seed: UInt64) async {
            var generator = SeededGenerator(seed: seed)
            while let key = await queue.next() {
                let version = state.withLock { state in
                    if !state.inWork.insert(key).inserted { state.overlaps += 1 }
                    return state.versions[key]
                }
                await Task.yield()
                state.withLock { state in
                    state.inWork.remove(key)
                    state.seen[key] = max(state.seen[key], version)
                }
                switch generator.next() % 8 {
                case 0: queue.fail(key)
                case 1: queue.finish(key, .after(.microseconds(50)))
                default: queue.finish(key, .none)
                }
                endIfDone()
            }
        }

        func waitUntilDone() async { for await _ in done.stream { return } }

        private func endIfDone() {
            if state.withLock({ $0.producers == 0 && $0.seen == $0.versions }) { done.continuation.yield() }
        }
    }

    @Test(arguments: 0..<10)
    func losesNothingAndDoublesNothing(_ seed: UInt64) async {
        let world = World()
        await withDiscardingTaskGroup { group in
            for producer in 0..<8 { group.addTask { await world.produce(seed &* 100 &+ UInt64(producer)) } }
            for consumer in 0..<6 { group.addTask { await world.consume(seed &* 100 &+ 50 &+ UInt64(consumer)) } }
            await world.waitUntilDone()
            group.cancelAll()
        }
        world.state.withLock { state in
            #expect(state.overlaps == 0)
            #expect(state.seen == state.versions)
        }
    }
}
