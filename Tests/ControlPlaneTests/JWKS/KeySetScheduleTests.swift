import ControlPlane
import MeshModel
import MeshObservation
import Testing

@Suite("When keys are fetched")
struct KeySetScheduleTests {
    private let start = ContinuousClock.now
    private let a = KeySetSource.address("https://a")
    private let b = KeySetSource.issuer("https://b")

    private func due(_ schedule: inout KeySetSchedule, after seconds: Double) -> [KeySetSource] {
        schedule.takeDue(now: start + .seconds(seconds)).map(\.source)
    }

    private func expect(
        _ schedule: inout KeySetSchedule, wanting wanted: [KeySetSource: Duration], drops expected: [KeySetSource],
        _ location: SourceLocation = #_sourceLocation
    ) {
        let dropped = schedule.want(wanted, now: start)
        #expect(dropped == expected, sourceLocation: location)
    }

    private func end(
        _ schedule: inout KeySetSchedule, hasCome: Bool, after seconds: Double = 0,
        _ location: SourceLocation = #_sourceLocation
    ) {
        let isWanted = schedule.ended(a, hasCome: hasCome, now: start + .seconds(seconds))
        #expect(isWanted, sourceLocation: location)
    }

    private func expectDue(
        _ schedule: inout KeySetSchedule, after seconds: Double, _ expected: [KeySetSource],
        _ location: SourceLocation = #_sourceLocation
    ) {
        let found = due(&schedule, after: seconds)
        #expect(found == expected, sourceLocation: location)
    }

    @Test("What is wanted is fetched at once, and only once at a time")
    func onceAtATime() {
        var schedule = KeySetSchedule()
        expect(&schedule, wanting: [a: .seconds(3), b: .seconds(5)], drops: [])
        let first = schedule.takeDue(now: start)
        #expect(first.map(\.source) == [a, b])
        #expect(first.map(\.timeout) == [.seconds(3), .seconds(5)])
        expectDue(&schedule, after: 100, [])
        _ = schedule.want([a: .seconds(3), b: .seconds(5)], now: start + .seconds(1))
        expectDue(&schedule, after: 100, [])
        #expect(schedule.nextDue == nil)
    }

    @Test("What came is fetched again after the time for that; what failed after a time that doubles")
    func again() {
        var timing = KeySetSchedule.Timing()
        timing.refresh = .seconds(60)
        var schedule = KeySetSchedule(timing)
        _ = schedule.want([a: .seconds(3)], now: start)
        expectDue(&schedule, after: 0, [a])
        end(&schedule, hasCome: true)
        expectDue(&schedule, after: 59, [])
        var now = 60.0
        for wait in [1.0, 2, 4, 8, 16, 32, 60, 60] {
            expectDue(&schedule, after: now, [a])
            end(&schedule, hasCome: false, after: now)
            expectDue(&schedule, after: now + wait - 0.5, [])
            now += wait
        }
        expectDue(&schedule, after: now, [a])
        _ = schedule.ended(a, hasCome: true, now: start + .seconds(now))
        expectDue(&schedule, after: now + 60, [a])
        // After a success, failures begin anew.
        _ = schedule.ended(a, hasCome: false, now: start + .seconds(now + 60))
        #expect(schedule.nextDue == start + .seconds(now + 61))
    }

    @Test("What is not wanted any more is told, and its answer is nobody's")
    func dropped() {
        var schedule = KeySetSchedule()
        _ = schedule.want([a: .seconds(3), b: .seconds(3)], now: start)
        _ = schedule.takeDue(now: start)
        expect(&schedule, wanting: [b: .seconds(3)], drops: [a])
        let isWanted = schedule.ended(a, hasCome: true, now: start)
        #expect(!isWanted)
        #expect(schedule.sources == [b])
        expect(&schedule, wanting: [a: .seconds(3), b: .seconds(3)], drops: [])
        expectDue(&schedule, after: 0, [a])
    }
}
