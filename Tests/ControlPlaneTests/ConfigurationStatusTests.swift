import ControlPlane
import KubernetesModel
import MeshControllers
import Testing

@Suite("What objects of configuration are told about themselves")
struct ConfigurationStatusTests {
    private let fault = Diagnostic(path: "spec.hosts", message: "is required")
    private let doubt = Diagnostic(.warning, path: "spec.http[0].mirrors", message: "is not honoured yet")

    private func condition(_ status: JSONValue?) throws -> Condition {
        let conditions = try #require(status?["conditions"]?.array)
        #expect(conditions.count == 1)
        let first = try #require(conditions.first)
        return try #require(Condition(first))
    }

    @Test("Nothing is written to an object about which nothing was ever wrong")
    func silence() {
        #expect(ConfigurationStatus.status(of: [], generation: 1, current: nil, now: "now") == nil)
        let others: JSONValue = ["conditions": [["type": "Reconciled", "status": "True"]]]
        #expect(ConfigurationStatus.status(of: [], generation: 1, current: others, now: "now") == nil)
    }

    @Test("Errors refuse, warnings do not; all are told, errors first")
    func verdicts() throws {
        let refused = try condition(
            ConfigurationStatus.status(of: [doubt, fault], generation: 3, current: nil, now: "now"))
        #expect(refused.status == .false && refused.reason == "Invalid" && refused.observedGeneration == 3)
        #expect(refused.message == "spec.hosts: is required; spec.http[0].mirrors: is not honoured yet")
        let accepted = try condition(
            ConfigurationStatus.status(of: [doubt], generation: 3, current: nil, now: "now"))
        #expect(accepted.status == .true && accepted.reason == "AcceptedWithWarnings")
    }

    @Test("A mended object is told so, once; the moment is that of the change")
    func mending() throws {
        let before = ConfigurationStatus.status(of: [fault], generation: 1, current: nil, now: "first")
        let same = ConfigurationStatus.status(of: [fault], generation: 1, current: before, now: "second")
        #expect(same == before)
        let after = ConfigurationStatus.status(of: [], generation: 2, current: before, now: "third")
        let mended = try condition(after)
        #expect(mended.status == .true && mended.reason == "Accepted" && mended.lastTransitionTime == "third")
        #expect(ConfigurationStatus.status(of: [], generation: 2, current: after, now: "fourth") == after)
    }

    @Test("A status has an end")
    func length() throws {
        let many = (0..<2_000).map { Diagnostic(path: "spec.http[\($0)]", message: "is no route") }
        let told = try condition(ConfigurationStatus.status(of: many, generation: 1, current: nil, now: "now"))
        #expect(told.message.utf8.count < 8_300)
        #expect(told.message.hasSuffix(" more"))
    }
}
