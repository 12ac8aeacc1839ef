import DiscoveryAPI
import SwiftProtobuf
import Testing
import XDSServer

@testable import ProxyAgent

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

    private let refusal = Result<RelayResponse, RelayRefusal>.failure(RelayRefusal(reason: "no", mayPass: true))

    @Test func aRefusedResponseIsTriedAgainAsAWhole() throws {
        var pending = PendingPlugins()
        let given = response(resource("a", "1"), resource("b", "1"), removed: ["c"])
        pending.note(pending.begin(given), given, refusal)
        let question = try #require(pending.question)
        #expect(question.response.resources.map(\.name) == ["a", "b"])
        #expect(question.response.removed == ["c"])
        let ready = pending.take(question, .success(question.response))
        #expect(ready == question.response)
        #expect(pending.isEmpty && pending.question == nil)
    }

    @Test func failuresAreCountedUntilSomethingElseComes() throws {
        var pending = PendingPlugins()
        let given = response(resource("a", "1"))
        pending.note(pending.begin(given), given, refusal)
        for count in 1...3 {
            let question = try #require(pending.question)
            #expect(pending.take(question, refusal) == nil)
            #expect(pending.failures == count)
        }
        let other = response(resource("a", "2"))
        pending.note(pending.begin(other), other, refusal)
        #expect(pending.failures == 0)
        #expect(pending.question?.response.resources == other.resources)
    }

    @Test func whatComesLaterCounts() throws {
        var pending = PendingPlugins()
        let (one, two) = (response(resource("a", "1"), resource("b", "1")), response(resource("a", "2")))
        let first = pending.begin(one)
        let second = pending.begin(two)
        pending.note(second, two, .success(two))
        pending.note(first, one, refusal)
        #expect(pending.question?.response.resources.map(\.name) == ["b"])
        // A try that began before is of no use.
        let question = try #require(pending.question)
        _ = pending.begin(response(resource("b", "3")))
        #expect(pending.take(question, .success(question.response)) == nil)
        #expect(pending.isEmpty)
    }

    @Test func anOpenPluginIsToldOnce() throws {
        var pending = PendingPlugins()
        let given = response(resource("a", "1"))
        let open = response(resource("a", "1/open"))
        pending.note(pending.begin(given), given, .success(open))
        let question = try #require(pending.question)
        #expect(question.response.resources == given.resources)
        #expect(pending.take(question, .success(open)) == nil)
        #expect(pending.failures == 1)
        let again = try #require(pending.question)
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
