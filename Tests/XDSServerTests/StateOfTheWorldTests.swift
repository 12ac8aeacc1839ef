import Testing

@testable import XDSServer

@Suite struct StateOfTheWorldTests {
    @Test func clustersComeAllTogether() throws {
        let driver = StreamDriver(.stateOfTheWorld)
        _ = driver.publish([.cluster: [resource("a", "1"), resource("b", "1")]])
        let first = try driver.list(.cluster).response
        #expect(first.names == ["a", "b"])
        #expect(driver.list(.cluster, nonce: first.nonce, version: "\(first.version)").responses.isEmpty)
        let second = try driver.publish([.cluster: [resource("a", "2"), resource("b", "1")]]).response
        #expect(second.names == ["a", "b"])
        #expect(second.removed.isEmpty)
        #expect(second.version != first.version)
    }

    @Test func endpointsComeAsTheyChange() throws {
        let driver = StreamDriver(.stateOfTheWorld)
        _ = driver.publish([.endpoint: ["a", "b", "c"].map { resource($0, "1") }])
        let first = try driver.list(.endpoint, ["b", "a"]).response
        #expect(first.names == ["a", "b"])
        #expect(driver.list(.endpoint, ["b", "a"], nonce: first.nonce).responses.isEmpty)
        let second = try driver.publish([.endpoint: [resource("a", "2"), resource("b", "1"), resource("c", "2")]])
            .response
        #expect(second.names == ["a"])
        let third = try driver.list(.endpoint, ["c", "b", "a"], nonce: second.nonce).response
        #expect(third.names == ["c"])
        #expect(driver.list(.endpoint, ["c"], nonce: third.nonce).responses.isEmpty)
        #expect(driver.publish([.endpoint: [resource("c", "2")]]).responses.isEmpty)
    }

    @Test func endpointsAskedForAgainAreSentAgain() throws {
        let driver = StreamDriver(.stateOfTheWorld)
        _ = driver.publish([.endpoint: [resource("a", "1")]])
        let first = try driver.list(.endpoint, ["a"]).response
        _ = driver.list(.endpoint, ["a"], nonce: first.nonce)
        #expect(try driver.list(.endpoint, ["a"], nonce: first.nonce).response.names == ["a"])
    }

    /// The lists that drop a name and want it again cross a response, and so do not count by themselves.
    @Test func aNameDroppedForAWhileIsSentAgain() throws {
        let driver = StreamDriver(.stateOfTheWorld)
        _ = driver.publish([.secret: [resource("a", "1"), resource("b", "1")]])
        let first = try driver.list(.secret, ["a", "b"]).response
        _ = driver.list(.secret, ["a", "b"], nonce: first.nonce)
        let second = try driver.publish([.secret: [resource("a", "1"), resource("b", "2")]]).response
        #expect(second.names == ["b"])
        #expect(driver.list(.secret, ["b"], nonce: first.nonce).isEmpty)
        #expect(driver.list(.secret, ["a", "b"], nonce: first.nonce).isEmpty)
        #expect(try driver.list(.secret, ["a", "b"], nonce: second.nonce).response.names == ["a"])
    }

    @Test func aNameThatIsNotThereYetComesWhenItIs() throws {
        let driver = StreamDriver(.stateOfTheWorld)
        _ = driver.publish([.secret: [resource("a", "1"), resource("b", "1")]])
        let first = try driver.list(.secret, ["a"]).response
        _ = driver.list(.secret, ["a"], nonce: first.nonce)
        _ = driver.publish([.secret: [resource("a", "1")]])
        #expect(driver.list(.secret, ["a", "b"], nonce: first.nonce).responses.isEmpty)
        let second = try driver.publish([.secret: [resource("a", "1"), resource("b", "1")]]).response
        #expect(second.names == ["b"])
    }

    @Test func oldNoncesAreIgnoredAndCounted() throws {
        let driver = StreamDriver(.stateOfTheWorld)
        _ = driver.publish([.cluster: [resource("a", "1")]])
        let first = try driver.list(.cluster).response
        _ = driver.list(.cluster, nonce: first.nonce)
        let second = try driver.publish([.cluster: [resource("a", "2")]]).response
        #expect(driver.list(.cluster, nonce: first.nonce, error: "late").isEmpty)
        #expect(driver.stream.counters[.cluster]?.expiredNonces == 1)
        #expect(try driver.status(.cluster).acknowledged?.version == first.version)
        _ = driver.list(.cluster, nonce: second.nonce)
        #expect(try driver.status(.cluster).acknowledged == SentVersion(version: second.version, nonce: second.nonce))
    }

    @Test func anEmptyListAfterNamesMeansNothing() throws {
        let driver = StreamDriver(.stateOfTheWorld)
        _ = driver.publish([.cluster: [resource("a", "1"), resource("b", "1")]])
        let first = try driver.list(.cluster, ["a"]).response
        #expect(first.names == ["a"])
        #expect(driver.list(.cluster, [], nonce: first.nonce).responses.isEmpty)
        #expect(driver.publish([.cluster: [resource("a", "2"), resource("b", "2")]]).responses.isEmpty)
        #expect(try driver.list(.cluster, ["*"], nonce: first.nonce).response.names == ["a", "b"])
    }

    @Test func whatWasRefusedIsNotSentAgainUntilItChanges() throws {
        let driver = StreamDriver(.stateOfTheWorld)
        _ = driver.publish([.listener: [resource("a", "1")]])
        let first = try driver.list(.listener).response
        _ = driver.list(.listener, nonce: first.nonce)
        let second = try driver.publish([.listener: [resource("a", "2")]]).response
        let refused = driver.list(.listener, nonce: second.nonce, version: "\(first.version)", error: "bad address")
        #expect(refused.count == 1, "the rejection, and nothing else")
        #expect(driver.publish([.listener: [resource("a", "2")]]).isEmpty)
        #expect(driver.wait(.seconds(3600)).isEmpty)
        let status = try driver.status(.listener)
        #expect(status.state == .rejected)
        #expect(status.rejection?.message == "bad address")
        #expect(status.acknowledged?.version == first.version)
        #expect(status.sent?.version == second.version)
        #expect(driver.stream.counters[.listener]?.rejects == 1)
        let third = try driver.publish([.listener: [resource("a", "3")]]).response
        _ = driver.list(.listener, nonce: third.nonce)
        #expect(try driver.status(.listener).state == .synced)
    }

    /// State of the world cannot add before it takes away, but for sending what goes for a while longer.
    @Test func clustersGoOnlyWhenNoRouteNamesThem() throws {
        let driver = StreamDriver(.stateOfTheWorld)
        _ = driver.publish([.cluster: [resource("old", "1")], .route: [resource("r", "old")]])
        let clusters = try driver.list(.cluster).response
        let routes = driver.list(.route, ["r"]).responses + driver.list(.cluster, nonce: clusters.nonce).responses
        _ = driver.list(.route, ["r"], nonce: try #require(routes.first).nonce)

        let both = try driver.publish([.cluster: [resource("new", "1")], .route: [resource("r", "new")]]).response
        #expect(both.names == ["new", "old"])
        let route = try driver.list(.cluster, nonce: both.nonce).response
        #expect(route.typeURL == .route)
        let last = try driver.list(.route, ["r"], nonce: route.nonce).response
        #expect(last.names == ["new"])
        #expect(driver.list(.cluster, nonce: last.nonce).responses.isEmpty)
        #expect(driver.stream.status.isSynced)
    }
}
