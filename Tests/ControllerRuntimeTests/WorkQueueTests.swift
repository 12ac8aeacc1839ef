import ControllerRuntime
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10)))
struct WorkQueueTests {
    @Test func handsAKeyToAWaitingWorker() async {
        let queue = WorkQueue<String>()
        async let first = queue.next()
        async let second = queue.next()
        queue.add("a")
        queue.add("b")
        #expect(await Set([first, second]) == ["a", "b"])
    }

    @Test func givesWhatWasAddedBefore() async {
        let queue = WorkQueue<String>()
        queue.add("a")
        #expect(queue.depth == 1)
        #expect(await queue.next() == "a")
        #expect(queue.depth == 0)
    }

    @Test func endsTheWaitOfACancelledWorker() async {
        let queue = WorkQueue<Int>()
        for round in 0..<500 {
            let worker = Task { await queue.next() }
            if round % 2 == 0 { await Task.yield() }
            worker.cancel()
            #expect(await worker.value == nil)
        }
    }

    @Test func givesNothingToWhoIsCancelledAlready() async {
        let queue = WorkQueue<String>()
        queue.add("a")
        let worker = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await queue.next()
        }
        #expect(await worker.value == nil)
        #expect(await queue.next() == "a")
    }

    /// A key goes to the worker that is being cancelled or to the next one, never to none.
    @Test func losesNoKeyToACancelledWorker() async {
        let queue = WorkQueue<Int>()
        for key in 0..<2000 {
            let worker = Task { await queue.next() }
            async let added: Void = queue.add(key)
            worker.cancel()
            await added
            var taken = await worker.value
            if taken == nil { taken = await queue.next() }
            #expect(taken == key)
            queue.finish(key, .none)
        }
        #expect(queue.depth == 0)
    }

    @Test func bringsADelayedKeyInItsTime() async {
        let queue = WorkQueue<String>()
        let started = ContinuousClock.now
        queue.add("a", after: .milliseconds(40))
        #expect(await queue.next() == "a")
        #expect(ContinuousClock.now - started >= .milliseconds(40))
    }

    @Test func wakesEarlierForAnEarlierKey() async {
        let queue = WorkQueue<String>()
        queue.add("late", after: .seconds(3600))
        async let key = queue.next()
        await Task.yield()
        queue.add("soon", after: .milliseconds(10))
        #expect(await key == "soon")
    }

    @Test func comesAgainAsItsReconcilerAsks() async {
        let queue = WorkQueue<String>(backoff: Backoff(base: .milliseconds(5), limit: .milliseconds(20)))
        queue.add("a")
        #expect(await queue.next() == "a")
        queue.finish("a", .after(.milliseconds(5)))
        #expect(await queue.next() == "a")
        let delays = [queue.fail("a")] + [await again(queue), await again(queue), await again(queue)]
        #expect(zip(delays, [5, 10, 20, 20]).allSatisfy { $0 <= .milliseconds($1) && $0 >= .milliseconds($1) * 0.8 })
        #expect(await queue.next() == "a")
        queue.finish("a", .none)
        queue.add("b")
        #expect(await queue.next() == "b")
        #expect(queue.fail("a") <= .milliseconds(5), "success forgets the failures")
    }

    private func again(_ queue: WorkQueue<String>) async -> Duration {
        #expect(await queue.next() == "a")
        return queue.fail("a")
    }
}
