import KubernetesModel
import MeshTesting
import Testing

@testable import ControllerRuntime

@Suite struct LeaseStateTests {
    private let start = ContinuousClock.now

    private func record(_ holder: String, renewed: String = "1", seconds: Int64 = 15, transitions: Int64 = 0)
        -> LeaseRecord
    {
        LeaseRecord(
            holder: holder, durationSeconds: seconds, renewTime: renewed, acquireTime: "0", transitions: transitions)
    }

    @Test func makesTheLeaseThatIsNotThere() {
        var state = LeaseState(identity: "a")
        #expect(state.action(for: nil, now: start) == .create)
    }

    @Test func takesWhatIsItsOwnOrNobodys() {
        var state = LeaseState(identity: "a")
        #expect(state.action(for: record("a"), now: start) == .take)
        #expect(state.action(for: record("a"), now: start + .seconds(99)) == .take)
        #expect(state.action(for: record(""), now: start + .seconds(99)) == .take)
    }

    @Test func waitsForTheWholeDurationSinceTheLastChange() {
        var state = LeaseState(identity: "b")
        #expect(state.action(for: record("a"), now: start) == .wait(until: start + .seconds(15)))
        #expect(state.action(for: record("a"), now: start + .seconds(14)) == .wait(until: start + .seconds(15)))
        #expect(
            state.action(for: record("a", renewed: "2"), now: start + .milliseconds(14_999))
                == .wait(until: start + .milliseconds(29_999)))
        #expect(
            state.action(for: record("a", renewed: "2"), now: start + .milliseconds(29_998))
                == .wait(until: start + .milliseconds(29_999)))
        #expect(state.action(for: record("a", renewed: "2"), now: start + .milliseconds(29_999)) == .take)
    }

    /// Whatever the times in the lease say: they are another host's.
    @Test func trustsNoOtherClock() {
        for renewed in ["1999-01-01T00:00:00.000000Z", "2099-01-01T00:00:00.000000Z", ""] {
            var state = LeaseState(identity: "b")
            #expect(state.action(for: record("a", renewed: renewed), now: start) == .wait(until: start + .seconds(15)))
            #expect(state.action(for: record("a", renewed: renewed), now: start + .seconds(15)) == .take)
        }
    }

    /// Who is given the lease anew counts anew, even with the same times.
    @Test func countsAnyChangeAsASign() {
        for changed in [record("c"), record("a", seconds: 16), record("a", transitions: 1)] {
            var state = LeaseState(identity: "b")
            _ = state.action(for: record("a"), now: start)
            #expect(
                state.action(for: changed, now: start + .seconds(15))
                    == .wait(until: start + .seconds(15 + changed.durationSeconds)))
        }
    }

    @Test func takesAReleasedLeaseAtOnce() {
        var state = LeaseState(identity: "b")
        _ = state.action(for: record("a"), now: start)
        #expect(state.action(for: record("", renewed: "1", seconds: 1), now: start + .milliseconds(1)) == .take)
    }

    /// Two hosts, clocks that differ and drift, a leader that dies: never two at once, and the other takes over.
    @Test(arguments: 0..<50)
    func neverLeadsTwice(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        // Real time runs on `start`; each host's own clock began elsewhere.
        let offsets = (0..<2).map { _ in Duration.seconds(Int.random(in: -500...500, using: &generator)) }
        var states = ["a", "b"].map { LeaseState(identity: $0) }
        var written: LeaseRecord?
        var lastWrite = start
        let death = Int.random(in: 10..<60, using: &generator)
        var firstLeader: Int?
        for tick in 0..<120 {
            let real = start + .seconds(tick)
            for host in Bool.random(using: &generator) ? [0, 1] : [1, 0] {
                if host == firstLeader, tick >= death { continue }
                guard Int.random(in: 0..<3, using: &generator) > 0 || written?.holder == states[host].identity else {
                    continue
                }
                let action = states[host].action(for: written, now: real + offsets[host])
                guard action == .take || action == .create else { continue }
                if let holder = written?.holder, holder != states[host].identity {
                    #expect(real - lastWrite >= .seconds(15), "\(holder) could still lead")
                }
                written = record(states[host].identity, renewed: "\(tick)")
                lastWrite = real
                firstLeader = firstLeader ?? host
            }
        }
        #expect(written.map { $0.holder != states[firstLeader ?? 0].identity } ?? false, "the other took over")
    }
}
