import Testing

@testable import XDSServer

/// In which order types take their turn: make before break.
@Suite struct OrderTests {
    private let before: [TypeURL: [Resource]] = [
        .cluster: [resource("c", "1", dependents: ["c"])], .endpoint: [resource("c", "1")],
        .listener: [resource("l", "1", dependents: ["r"])], .route: [resource("r", "1")],
        .secret: [resource("s", "1")], .extensionConfig: [resource("e", "1")], .nameTable: [resource("n", "1")],
    ]

    private func driver() -> StreamDriver {
        let driver = StreamDriver(.delta)
        _ = driver.publish(before)
        var waiting: [StreamAction] = []
        for type in [TypeURL.extensionConfig, .secret, .route, .listener, .endpoint, .cluster, .nameTable] {
            let names = before[type].map { $0.map(\.name) } ?? []
            waiting += driver.ask(type, type.isNamed ? names : [])
        }
        answerAll(waiting, driver)
        #expect(driver.stream.status.isSynced)
        return driver
    }

    /// Answers until nothing comes any more; gives what came, in order.
    @discardableResult
    private func answerAll(_ actions: [StreamAction], _ driver: StreamDriver) -> [DiscoveryResponse] {
        var waiting = actions.responses
        var seen: [DiscoveryResponse] = []
        while !waiting.isEmpty {
            let response = waiting.removeFirst()
            seen.append(response)
            waiting += driver.answer(response).responses
        }
        return seen
    }

    @Test func eachTypeWaitsForThoseBefore() {
        let driver = driver()
        let actions = driver.publish(before.mapValues { $0.map { resource($0.name, "2", dependents: $0.dependents) } })
        #expect(
            Set(actions.responses.map(\.typeURL)) == [.cluster, .endpoint, .nameTable],
            "no other waits for the name table, and clusters are answered when they are warm")
        let order = answerAll(actions, driver).map(\.typeURL).filter { $0 != .nameTable }
        #expect(order.prefix(4) == [.cluster, .endpoint, .listener, .route])
        #expect(Set(order.dropFirst(4)) == [.secret, .extensionConfig])
    }

    @Test func clustersGoLast() throws {
        let driver = driver()
        let after: [TypeURL: [Resource]] = [
            .cluster: [resource("d", "1")], .endpoint: [], .listener: before[.listener] ?? [],
            .route: [resource("r", "to d")],
        ]
        let responses = answerAll(driver.publish(after), driver)
        #expect(responses.map(\.typeURL) == [.cluster, .route, .cluster, .endpoint])
        #expect(responses.map(\.removed) == [[], [], ["c"], ["c"]])
    }

    @Test func nothingIsTakenAwayWhileARefusedRouteMayNameIt() throws {
        let driver = driver()
        let bad: [TypeURL: [Resource]] = [.cluster: [], .route: [resource("r", "bad")]]
        let route = try driver.publish(bad).response
        #expect(route.typeURL == .route)
        #expect(driver.answer(route, error: "bad").responses.isEmpty)
        let good = driver.publish([.route: [resource("r", "good")]])
        #expect(answerAll(good, driver).map(\.typeURL) == [.route, .cluster])
    }

    /// An Envoy that gets a cluster anew waits for its endpoints, and does not always ask for them.
    @Test func endpointsFollowTheirCluster() throws {
        let driver = driver()
        let sent = driver.publish([
            .cluster: [resource("c", "2", dependents: ["c"])], .listener: [resource("l", "3", dependents: ["r"])],
        ]).responses
        // At once: it acknowledges clusters only when they are warm.
        #expect(sent.map(\.typeURL) == [.cluster, .endpoint])
        #expect(sent.last?.resources == [resource("c", "1")])
        #expect(driver.answer(sent[1]).responses.isEmpty, "listeners wait for the clusters")
        #expect(try driver.answer(sent[0]).response.typeURL == .listener)
    }

    @Test func listenersWaitForEndpointsOfNewClusters() throws {
        let driver = driver()
        let cluster = try driver.publish([
            .cluster: [resource("c", "1", dependents: ["c"]), resource("d", "1", dependents: ["d"])],
            .endpoint: [resource("c", "1"), resource("d", "1")],
            .listener: [resource("l", "2", dependents: ["r"])],
        ]).response
        #expect(cluster.names == ["d"])
        #expect(driver.answer(cluster).responses.isEmpty, "the client is about to ask for the endpoints of d")
        let endpoints = try driver.ask(.endpoint, ["d"]).response
        #expect(endpoints.names == ["d"])
        #expect(try driver.answer(endpoints).response.typeURL == .listener)
    }

    @Test func listenersDoNotWaitForEver() throws {
        let driver = driver()
        let cluster = try driver.publish([
            .cluster: [resource("c", "1", dependents: ["c"]), resource("d", "1", dependents: ["d"])],
            .listener: [resource("l", "2", dependents: ["r"])],
        ]).response
        #expect(driver.answer(cluster).responses.isEmpty)
        #expect(driver.stream.nextDeadline == driver.now + driver.stream.limits.warmingGrace)
        #expect(try driver.wait(driver.stream.limits.warmingGrace).response.typeURL == .listener)
    }

    @Test func endpointChangesWaitForNoLaterType() throws {
        let driver = driver()
        let route = try driver.publish([.route: [resource("r", "2")]]).response
        #expect(route.typeURL == .route)
        #expect(try driver.publish([.endpoint: [resource("c", "2")]]).response.typeURL == .endpoint)
    }
}
