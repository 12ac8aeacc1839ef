import KubernetesModel
import Testing

@Suite struct ConditionTests {
    private func condition(_ type: String, _ status: Condition.Status, since: String = "", reason: String = "R")
        -> Condition
    {
        Condition(
            type: type, status: status, reason: reason, message: "m", lastTransitionTime: since, observedGeneration: 2)
    }

    @Test func keepsTheMomentWhileTheStatusStays() {
        let merged = Condition.merge(
            [condition("Ready", .true, reason: "New")], into: [condition("Ready", .true, since: "then", reason: "Old")],
            now: "now")
        #expect(merged == [condition("Ready", .true, since: "then", reason: "New")])
    }

    @Test func stampsWhatIsNewOrChanged() {
        let merged = Condition.merge(
            [condition("Ready", .false), condition("Stalled", .true)],
            into: [condition("Ready", .true, since: "then"), condition("Gone", .true, since: "then")], now: "now")
        #expect(merged == [condition("Ready", .false, since: "now"), condition("Stalled", .true, since: "now")])
    }

    /// An API server refuses a condition without its moment.
    @Test func stampsWhatHadNoMoment() {
        let merged = Condition.merge(
            [condition("Ready", .unknown)], into: [condition("Ready", .unknown, since: "")], now: "now")
        #expect(merged == [condition("Ready", .unknown, since: "now")])
    }

    /// So that a status whose meaning did not change is not written again.
    @Test func mergingTwiceIsMergingOnce() {
        let wanted = [condition("Ready", .false), condition("Stalled", .true)]
        let once = Condition.merge(wanted, into: [condition("Ready", .false, since: "then")], now: "now")
        #expect(Condition.merge(wanted, into: once, now: "later") == once)
    }

    @Test func readsWhatItWrites() {
        let written = condition("Ready", .unknown, since: "2026-01-01T00:00:00Z")
        #expect(Condition(written.json) == written)
        #expect(written.json["status"] == "Unknown")
        #expect(Condition(["type": "Ready", "status": "yes"]) == nil)
        #expect(Condition(["status": "True"]) == nil)
        #expect(Condition(["type": "Ready", "status": "True"])?.observedGeneration == 0)
    }
}
