import Testing

@testable import XDSServer

@Suite struct DeltaTests {
    private func clusters(_ bodies: [String: String]) -> [TypeURL: [Resource]] {
        [.cluster: bodies.map { resource($0.key, $0.value) }]
    }

    @Test(arguments: [[], ["*"]]) func theFirstRequestOfClustersMeansAll(_ names: [String]) throws {
        let driver = StreamDriver(.delta)
        _ = driver.publish(clusters(["a": "1", "b": "1"]))
        let first = driver.ask(.cluster, names)
        #expect(first.contains(.identified(ClientNode(id: "sidecar~1"))))
        #expect(try first.response.names == ["a", "b"])
        #expect(try first.response.whole != nil)
    }

    @Test func onlyChangesAreSent() throws {
        let driver = StreamDriver(.delta)
        _ = driver.publish(clusters(["a": "1", "b": "1", "c": "1"]))
        let first = try driver.ask(.cluster).response
        let answered = driver.answer(first)
        #expect(answered.count == 1, "the acknowledgement, and nothing else")
        let second = try driver.publish(clusters(["a": "1", "b": "2", "d": "1"])).response
        #expect(second.names == ["b", "d"])
        #expect(second.removed == ["c"])
        #expect(second.nonce != first.nonce)
        #expect(driver.answer(second).responses.isEmpty)
        #expect(driver.publish(clusters(["a": "1", "b": "2", "d": "1"])).isEmpty)
    }

    @Test func whatComesWhileAResponseIsUnansweredCoalesces() throws {
        let driver = StreamDriver(.delta)
        _ = driver.publish(clusters(["a": "1"]))
        let first = try driver.ask(.cluster).response
        for revision in 2...9 { #expect(driver.publish(clusters(["a": "\(revision)", "b": "\(revision)"])).isEmpty) }
        let second = try driver.answer(first).response
        #expect(second.resources == [resource("a", "9"), resource("b", "9")])
        #expect(driver.stream.counters[.cluster]?.pushes == 2)
    }

    @Test func aClientThatComesBackGetsTheDifference() throws {
        let driver = StreamDriver(.delta)
        _ = driver.publish(clusters(["same": "1", "changed": "2", "new": "1"]))
        let held = [
            "same": resource("", "1").version.description, "changed": resource("", "1").version.description,
            "gone": resource("", "1").version.description,
        ]
        let response = try driver.ask(.cluster, holding: held).response
        #expect(response.names == ["changed", "new"])
        #expect(response.removed.isEmpty, "what may still be named is taken away later")
        #expect(driver.answer(response).responses.isEmpty)
        #expect(try driver.wait(.seconds(2)).response.removed == ["gone"])
    }

    @Test func aClientThatComesBackUnchangedGetsNothing() throws {
        let driver = StreamDriver(.delta)
        _ = driver.publish(clusters(["a": "1"]))
        #expect(driver.ask(.cluster, holding: ["a": resource("", "1").version.description]).responses.isEmpty)
        #expect(try driver.status(.cluster).state == .synced)
    }

    @Test func anEmptyMeshIsAnswered() throws {
        let driver = StreamDriver(.delta)
        #expect(driver.ask(.cluster).responses.isEmpty, "nothing is known yet")
        let response = try driver.publish([.cluster: []]).response
        #expect(response.names.isEmpty)
        #expect(driver.answer(response).responses.isEmpty)
    }

    @Test func whatIsNotThereIsToldSoOnce() throws {
        let driver = StreamDriver(.delta)
        _ = driver.publish([.endpoint: [resource("a", "1")]])
        let response = try driver.ask(.endpoint, ["a", "missing"]).response
        #expect(response.names == ["a"])
        #expect(response.removed == ["missing"])
        #expect(driver.answer(response).responses.isEmpty)
        let later = try driver.publish([.endpoint: [resource("a", "1"), resource("missing", "1")]]).response
        #expect(later.names == ["missing"])
    }

    @Test func whatIsSubscribedToAgainIsSentAgain() throws {
        let driver = StreamDriver(.delta)
        _ = driver.publish([.endpoint: [resource("a", "1"), resource("b", "1")]])
        let first = try driver.ask(.endpoint, ["a", "b"]).response
        _ = driver.answer(first)
        let second = try driver.ask(.endpoint, ["a"]).response
        #expect(second.names == ["a"])
        _ = driver.answer(second)
        #expect(driver.ask(.endpoint, dropping: ["b"]).responses.isEmpty)
        #expect(driver.publish([.endpoint: [resource("a", "1"), resource("b", "2")]]).responses.isEmpty)
        #expect(driver.stream.heldVersions(of: .endpoint).map(\.name) == ["a"])
    }

    @Test func subscriptionsInAnAnswerOrWithAnOldNonceCount() throws {
        let driver = StreamDriver(.delta)
        _ = driver.publish([.endpoint: [resource("a", "1"), resource("b", "1"), resource("c", "1")]])
        let first = try driver.ask(.endpoint, ["a"]).response
        let asked = DiscoveryRequest.Asked.delta(subscribe: ["b"], unsubscribe: [], initialVersions: [:])
        let second = try driver.receive(.endpoint, asked, nonce: first.nonce).response
        #expect(second.names == ["b"])
        let more = DiscoveryRequest.Asked.delta(subscribe: ["c"], unsubscribe: [], initialVersions: [:])
        #expect(driver.receive(.endpoint, more, nonce: first.nonce, error: "late").isEmpty)
        #expect(driver.stream.counters[.endpoint]?.expiredNonces == 1)
        #expect(driver.stream.counters[.endpoint]?.rejects == 0)
        #expect(try driver.answer(second).response.names == ["c"])
    }

    @Test func wildcardAndNamesLiveSideBySide() throws {
        let driver = StreamDriver(.delta)
        _ = driver.publish(clusters(["a": "1", "b": "1"]))
        let first = try driver.ask(.cluster, ["*", "a", "missing"]).response
        #expect(first.names == ["a", "b"])
        #expect(first.removed == ["missing"])
        _ = driver.answer(first)
        // It cannot know whether a is still part of all.
        let second = try driver.ask(.cluster, dropping: ["a"]).response
        #expect(second.names == ["a"])
        _ = driver.answer(second)
        _ = driver.ask(.cluster, dropping: ["*"])
        #expect(driver.publish(clusters(["a": "2", "b": "2"])).responses.isEmpty)
        #expect(try driver.ask(.cluster, ["*"]).response.names == ["a", "b"])
    }

    @Test func typesAskedForByNameHaveNoWildcard() {
        let driver = StreamDriver(.delta)
        _ = driver.publish([.secret: [resource("a", "1")]])
        #expect(driver.ask(.secret, ["*"]).responses.allSatisfy { $0.resources.isEmpty })
        #expect(driver.ask(.endpoint).responses.isEmpty)
    }

    @Test func theBadOneOfManyIsFound() throws {
        let driver = StreamDriver(.delta)
        let names = (0..<16).map { "c\($0 + 10)" }
        var actions = driver.publish(clusters(Dictionary(names.map { ($0, "1") }) { $1 }))
        actions = driver.ask(.cluster)
        var accepted: Set<String> = []
        var refusals = 0
        for _ in 0..<100 {
            guard let response = actions.responses.first else { break }
            if response.names.contains("c17") {
                refusals += 1
                actions = driver.answer(response, error: "no such thing")
            } else {
                accepted.formUnion(response.names)
                actions = driver.answer(response)
            }
        }
        #expect(actions.responses.isEmpty, "it comes to rest")
        #expect(refusals == 5, "16, 8, 4, 2, 1")
        #expect(accepted == Set(names).subtracting(["c17"]))
        let status = try driver.status(.cluster)
        #expect(status.state == .rejected)
        #expect(status.quarantined == ["c17"])
        #expect(status.rejection?.message == "no such thing")
        #expect(status.rejection?.culprit == "c17")

        var bodies = Dictionary(names.map { ($0, "1") }) { $1 }
        bodies["c18"] = "2"
        let other = try driver.publish(clusters(bodies)).response
        #expect(other.names == ["c18"])
        _ = driver.answer(other)
        bodies["c17"] = "2"
        let repaired = try driver.publish(clusters(bodies)).response
        #expect(repaired.names == ["c17"])
        _ = driver.answer(repaired)
        #expect(try driver.status(.cluster).state == .synced)
        #expect(try driver.status(.cluster).rejection == nil)
    }

    /// An Envoy applies the good clusters of a response that it refuses: going back to what was before is a change.
    @Test func whatCameWithSomethingBadIsNotTakenForGranted() throws {
        let driver = StreamDriver(.delta)
        _ = driver.publish(clusters(["a": "1", "b": "1"]))
        _ = driver.answer(try driver.ask(.cluster).response)
        let both = try driver.publish(clusters(["a": "2", "b": "bad"])).response
        #expect(both.names == ["a", "b"])
        _ = driver.publish(clusters(["a": "1", "b": "1"]))
        let back = try driver.answer(both, error: "bad").response
        #expect(back.names == ["a"])
        #expect(try driver.answer(back).response.names == ["b"])
    }
}
