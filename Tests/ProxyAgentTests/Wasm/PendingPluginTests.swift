import DiscoveryAPI
import SwiftProtobuf
import Testing
import XDSServer

@testable import XDSRelay

/// What is tried again, and until when.
@Suite struct PendingPluginTests {
    private func resource(_ name: String, _ version: String) -> RelayResource {
        .with {
            $0.name = name
            $0.version = version
        }
    }

    private func response(_ resources: RelayResource..., removed: [String] = []) -> RelayResponse {
        RelayResponse(typeURL: .extensionConfig, nonce: "n", version: "v", resources: resources, removed: removed)
    }

    private func only(_ questions: [PendingPlugins.Question]) throws -> PendingPlugins.Question {
        try #require(questions.count == 1)
        return questions[0]
    }

    private let refusal = Result<RelayResponse, RelayRefusal>.failure(RelayRefusal(reason: "no", mayPass: true))

    @Test func aRefusedResponseIsTriedAgainAsAWhole() throws {
        var pending = PendingPlugins()
        let given = response(resource("a", "1"), resource("b", "1"), removed: ["c"])
        pending.note(pending.begin(given), given, refusal)
        let question = try only(pending.ask())
        #expect(question.response.resources.map(\.name) == ["a", "b"])
        #expect(question.response.removed == ["c"])
        #expect(pending.failures == nil, "it is under way")
        let meanwhile = pending.ask()
        #expect(meanwhile.isEmpty)
        let ready = pending.take(question, .success(question.response))
        #expect(ready == question.response)
        #expect(pending.isEmpty)
    }

    @Test func whatNeverComesStopsNobodyElse() throws {
        var pending = PendingPlugins()
        let gone = response(resource("gone", "1"))
        let late = response(resource("late", "1"), resource("other", "1"))
        let open = response(resource("late", "1/open"), resource("other", "1/open"))
        pending.note(pending.begin(gone), gone, refusal)
        pending.note(pending.begin(late), late, .success(open))
        let questions = pending.ask()
        #expect(questions.map { $0.response.resources.map(\.name) } == [["gone"], ["late"], ["other"]])
        try #require(questions.count == 3)
        #expect(pending.take(questions[0], refusal) == nil)
        // The others need not wait for it, nor for one another.
        let ready = pending.take(questions[1], .success(questions[1].response))
        #expect(ready?.resources == [resource("late", "1")])
        #expect(pending.failures == 1)
        let again = try only(pending.ask())
        #expect(again.response.resources.map(\.name) == ["gone"])
        #expect(pending.take(questions[2], .success(response(resource("other", "1/open")))) == nil)
        #expect(pending.take(again, refusal) == nil)
        #expect(pending.failures == 1)
        let rest = pending.ask()
        #expect(rest.map { $0.response.resources.map(\.name) } == [["gone"], ["other"]])
    }

    @Test func aRemovalThatIsDoneLateTakesNothingAwayOfWhatCameSince() throws {
        var pending = PendingPlugins()
        let (one, two) = (response(removed: ["a"]), response(resource("a", "2")))
        let first = pending.begin(one)
        let second = pending.begin(two)
        pending.note(first, one, .success(one))
        pending.note(second, two, refusal)
        let question = try only(pending.ask())
        #expect(question.response.resources == two.resources)
    }

    @Test func failuresAreCountedUntilSomethingElseComes() throws {
        var pending = PendingPlugins()
        let given = response(resource("a", "1"))
        pending.note(pending.begin(given), given, refusal)
        for count in 1...3 {
            let question = try only(pending.ask())
            #expect(pending.take(question, refusal) == nil)
            #expect(pending.failures == count)
        }
        let other = response(resource("a", "2"))
        pending.note(pending.begin(other), other, refusal)
        #expect(pending.failures == 0)
        let question = try only(pending.ask())
        #expect(question.response.resources == other.resources)
    }

    @Test func whatComesLaterCounts() throws {
        var pending = PendingPlugins()
        let (one, two) = (response(resource("a", "1"), resource("b", "1")), response(resource("a", "2")))
        let first = pending.begin(one)
        let second = pending.begin(two)
        pending.note(second, two, .success(two))
        pending.note(first, one, refusal)
        // A try that began before is of no use.
        let question = try only(pending.ask())
        #expect(question.response.resources.map(\.name) == ["b"])
        _ = pending.begin(response(resource("b", "3")))
        #expect(pending.take(question, .success(question.response)) == nil)
        #expect(pending.isEmpty)
    }

    @Test func anOpenPluginIsToldOnce() throws {
        var pending = PendingPlugins()
        let given = response(resource("a", "1"))
        let open = response(resource("a", "1/open"))
        pending.note(pending.begin(given), given, .success(open))
        let question = try only(pending.ask())
        #expect(question.response.resources == given.resources)
        #expect(pending.take(question, .success(open)) == nil)
        #expect(pending.failures == 1)
        let again = try only(pending.ask())
        #expect(pending.take(again, .success(given))?.resources == given.resources)
        #expect(pending.isEmpty)
    }

    @Test func configurationThatIsWrongIsNotTriedAgain() {
        var pending = PendingPlugins()
        let given = response(resource("a", "1"))
        pending.note(pending.begin(given), given, .failure(RelayRefusal(reason: "no")))
        #expect(pending.isEmpty)
        pending.note(pending.begin(given), given, refusal)
        pending.forget(["a"])
        #expect(pending.isEmpty)
    }
}
