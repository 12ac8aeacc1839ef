import Testing

@testable import ControllerRuntime

@Suite struct WorkQueueStateTests {
    private typealias State = WorkQueueState<String>
    private let start = ContinuousClock.now

    @Test func givesKeysInTheirOrderEachOnce() {
        var state = State()
        for key in ["a", "b", "a", "c", "b"] { state.add(key) }
        #expect(state.depth == 3)
        #expect(state.next(now: start) == .key("a"))
        #expect(state.next(now: start) == .key("b"))
        #expect(state.next(now: start) == .key("c"))
        #expect(state.depth == 0)
        #expect(state.next(now: start) == .wait(until: nil))
    }

    @Test func givesAKeyToOneWorkerAtATime() {
        var state = State()
        state.add("a")
        #expect(state.next(now: start) == .key("a"))
        state.add("a")
        state.add("a")
        #expect(state.depth == 1)
        #expect(state.next(now: start) == .wait(until: nil))
        state.finish("a")
        #expect(state.next(now: start) == .key("a"))
        state.finish("a")
        #expect(state.next(now: start) == .wait(until: nil))
    }

    @Test func holdsAKeyBackUntilItIsDue() {
        var state = State()
        state.add("a", at: start + .seconds(2))
        #expect(state.depth == 0)
        #expect(state.next(now: start + .seconds(1)) == .wait(until: start + .seconds(2)))
        #expect(state.next(now: start + .seconds(2)) == .key("a"))
    }

    @Test func tellsHowLongAKeyHasWaited() {
        var state = State()
        state.add("a", since: start)
        state.add("a", since: start + .seconds(1))
        #expect(state.next(now: start + .seconds(3)) == .key("a"))
        #expect(state.takeWait(of: "a", now: start + .seconds(3)) == .seconds(3))
        // While it is worked on it comes again: it has waited for the worker, too.
        state.add("a", since: start + .seconds(4))
        state.finish("a")
        #expect(state.next(now: start + .seconds(6)) == .key("a"))
        #expect(state.takeWait(of: "a", now: start + .seconds(6)) == .seconds(2))
        state.finish("a")
        // A delay that was asked for is no wait.
        state.add("a", at: start + .seconds(9))
        #expect(state.next(now: start + .seconds(10)) == .key("a"))
        #expect(state.takeWait(of: "a", now: start + .seconds(10)) == .seconds(1))
    }

    @Test func takesTheEarlierOfTwoMoments() {
        var state = State()
        state.add("a", at: start + .seconds(5))
        state.add("a", at: start + .seconds(3))
        state.add("a", at: start + .seconds(4))
        #expect(state.next(now: start) == .wait(until: start + .seconds(3)))
        state.add("a")
        #expect(state.next(now: start) == .key("a"))
        state.finish("a")
        #expect(state.next(now: start + .seconds(9)) == .wait(until: nil))
    }

    @Test func givesWhatWasDueFirstFirst() {
        var state = State()
        for (key, seconds) in [("c", 3), ("a", 1), ("d", 4), ("b", 2)] { state.add(key, at: start + .seconds(seconds)) }
        let late = start + .seconds(9)
        #expect((0..<4).map { _ in state.next(now: late) } == [.key("a"), .key("b"), .key("c"), .key("d")])
    }

    @Test func letsADelayedKeyWaitForItsWorker() {
        var state = State()
        state.add("a")
        #expect(state.next(now: start) == .key("a"))
        state.add("a", at: start + .seconds(1))
        // Due, but in work: nobody needs to be woken for it.
        #expect(state.next(now: start + .seconds(2)) == .wait(until: nil))
        state.finish("a")
        #expect(state.next(now: start + .seconds(2)) == .key("a"))
    }

    @Test func countsFailuresInARow() {
        var state = State()
        #expect(state.fail("a") == 0)
        #expect(state.fail("a") == 1)
        #expect(state.fail("b") == 0)
        state.succeed("a")
        #expect(state.fail("a") == 0)
    }

    @Test func staysInOrderAfterManyKeys() {
        var state = WorkQueueState<Int>()
        var expected = 0
        for key in 0..<1000 {
            state.add(key)
            if key % 3 == 2 {
                #expect(state.next(now: start) == .key(expected))
                state.finish(expected)
                expected += 1
            }
        }
        #expect(state.depth == 1000 - expected)
        while case .key(let key) = state.next(now: start) {
            #expect(key == expected)
            expected += 1
        }
        #expect(expected == 1000)
    }
}
