import KubernetesModel
import Testing

@testable import ControllerRuntime

@Suite struct LeaseRecordTests {
    @Test func readsWhatItWrites() {
        let record = LeaseRecord(
            holder: "a", durationSeconds: 15, renewTime: "2026-01-01T00:00:00.000001Z",
            acquireTime: "2026-01-01T00:00:00.000000Z", transitions: 3)
        #expect(LeaseRecord(UnstructuredObject(["spec": record.json])) == record)
    }

    @Test func readsALeaseThatNobodyHeldYet() {
        let record = LeaseRecord(UnstructuredObject(["metadata": ["name": "l"], "spec": [:]]))
        #expect(record.holder.isEmpty)
        #expect(record.durationSeconds == 0)
        #expect(record == LeaseRecord(UnstructuredObject(.null)))
    }

    /// Others wait for as long as the lease says: never less than its holder counts on.
    @Test(arguments: [(15_000, 15), (1000, 1), (1001, 2), (400, 1), (14_999, 15)])
    func saysItsDurationInWholeSeconds(_ milliseconds: Int, _ seconds: Int64) {
        let timing = LeaseTiming(
            duration: .milliseconds(milliseconds), renewDeadline: .milliseconds(1), retryPeriod: .milliseconds(1))
        #expect(timing.durationSeconds == seconds)
    }
}
