import Testing

@testable import XDSServer

/// What ends a stream.
@Suite struct StreamLimitTests {
    private func limits(_ change: (inout StreamLimits) -> Void) -> StreamLimits {
        var limits = StreamLimits()
        change(&limits)
        return limits
    }

    @Test func aClientThatDoesNotAnswerIsDead() throws {
        let driver = StreamDriver(.delta)
        _ = driver.publish([.cluster: [resource("a", "1")]])
        _ = driver.ask(.cluster)
        #expect(driver.stream.nextDeadline == driver.now + .seconds(60))
        #expect(driver.wait(.seconds(59)).isEmpty)
        #expect(driver.wait(.seconds(1)).closed == .acknowledgementTimeout(.cluster))
        #expect(driver.stream.isClosed)
        #expect(driver.stream.nextDeadline == nil)
        #expect(driver.ask(.listener).isEmpty)
        #expect(driver.publish([.cluster: []]).isEmpty)
    }

    @Test func aClientThatAnswersLives() throws {
        let driver = StreamDriver(.delta)
        _ = driver.publish([.cluster: [resource("a", "1")]])
        _ = driver.answer(try driver.ask(.cluster).response)
        #expect(driver.wait(.seconds(3600)).isEmpty)
        #expect(driver.stream.nextDeadline == nil)
    }

    @Test func oldStreamsAreHandedOver() throws {
        let driver = StreamDriver(.delta, limits: limits { $0.maximumAge = .seconds(30) })
        _ = driver.ask(.cluster)
        #expect(driver.stream.nextDeadline == driver.now + .seconds(30))
        let closed = driver.wait(.seconds(30)).closed
        #expect(closed == .maximumAge)
        #expect(closed?.isGraceful == true)
    }

    @Test(arguments: [(0.0, 30), (0.5, 33), (1.0, 36), (7.0, 36), (-1.0, 30)])
    func agesDiffer(_ random: Double, _ seconds: Int) {
        #expect(StreamLimits.jittered(.seconds(30), spread: 0.2, random: random) == .seconds(seconds))
    }

    @Test func drainingWaitsForAnswers() throws {
        let driver = StreamDriver(.delta)
        _ = driver.publish([.cluster: [resource("a", "1")]])
        let response = try driver.ask(.cluster).response
        #expect(driver.drain().isEmpty)
        #expect(driver.stream.status.isDraining)
        #expect(driver.publish([.cluster: [resource("a", "2")]]).isEmpty, "nothing is sent any more")
        let end = driver.answer(response)
        #expect(end.count == 2)
        #expect(end.closed == .draining)
    }

    @Test func drainingDoesNotWaitForEver() throws {
        let driver = StreamDriver(.delta)
        _ = driver.publish([.cluster: [resource("a", "1")]])
        _ = driver.ask(.cluster)
        _ = driver.drain()
        #expect(driver.stream.nextDeadline == driver.now + .seconds(5))
        #expect(driver.wait(.seconds(5)).closed == .draining)
        let idle = StreamDriver(.delta)
        _ = idle.ask(.cluster)
        #expect(idle.drain().closed == .draining)
    }

    @Test func strangersAreTurnedAway() {
        let asked = DiscoveryRequest.Asked.delta(subscribe: [], unsubscribe: [], initialVersions: [:])
        for node in [nil, ClientNode(id: "")] {
            var stream = ADSStream(id: "t", variant: .delta, now: .now)
            #expect(
                stream.receive(DiscoveryRequest(.cluster, node: node, asked: asked), now: .now).closed == .missingNode)
        }
        let driver = StreamDriver(.delta)
        #expect(driver.list(.cluster).closed == .wrongVariant)
    }

    @Test func namesAreBounded() {
        let driver = StreamDriver(.delta, limits: limits { $0.names = 3 })
        #expect(driver.ask(.endpoint, ["a", "b", "c"]).closed == nil)
        #expect(driver.ask(.endpoint, ["c"]).closed == nil)
        #expect(driver.ask(.endpoint, ["d"]).closed == .tooManyNames(.endpoint, count: 4, limit: 3))
        let list = StreamDriver(.stateOfTheWorld, limits: limits { $0.names = 3 })
        #expect(
            list.list(.endpoint, ["a", "b", "c", "d"]).closed == .tooManyNames(.endpoint, count: 4, limit: 3))
        let long = StreamDriver(.delta, limits: limits { $0.nameBytes = 100 })
        let name = String(repeating: "x", count: 101)
        #expect(long.ask(.endpoint, [name]).closed == .tooLong(bytes: 101, limit: 100))
    }

    @Test func typesAreBounded() {
        let driver = StreamDriver(.delta, limits: limits { $0.types = 2 })
        _ = driver.ask(.cluster)
        _ = driver.ask(.listener)
        #expect(driver.ask(.cluster).closed == nil)
        #expect(driver.ask(TypeURL(rawValue: "type.googleapis.com/rubbish")).closed == .tooManyTypes(limit: 2))
    }

    @Test func messagesAreBounded() throws {
        let driver = StreamDriver(.delta, limits: limits { $0.messageBytes = 10 })
        _ = driver.publish([.cluster: [resource("a", "1")]])
        let response = try driver.ask(.cluster).response
        _ = driver.answer(response, error: String(repeating: "x", count: 1_000_000))
        #expect(try driver.status(.cluster).rejection?.message == "xxxxxxxxxx")
    }

    @Test func floodsAreCutOffButAnswersAreFree() throws {
        let driver = StreamDriver(
            .delta,
            limits: limits {
                $0.requestBurst = 5
                $0.requestsPerSecond = 1
            })
        var actions = driver.ask(.cluster)
        for revision in 0..<100 {
            actions = driver.publish([.cluster: [resource("a", "\(revision)")]])
            #expect(driver.answer(try actions.response).closed == nil)
        }
        for _ in 0..<4 { #expect(driver.ask(.endpoint, ["a"]).closed == nil) }
        #expect(driver.wait(.seconds(2)).isEmpty)
        for _ in 0..<2 { #expect(driver.ask(.endpoint, ["a"]).closed == nil) }
        #expect(driver.ask(.endpoint, ["a"]).closed == .tooManyRequests)
    }

    @Test func everyReasonSaysWhatToDoAndWhoseFaultItIs() {
        let reasons: [CloseReason] = [
            .missingNode, .wrongVariant, .tooManyTypes(limit: 1), .tooManyNames(.cluster, count: 2, limit: 1),
            .tooLong(bytes: 2, limit: 1), .tooManyRequests, .acknowledgementTimeout(.cluster), .maximumAge, .draining,
        ]
        #expect(Set(reasons.map(\.description)).count == reasons.count)
        #expect(reasons.filter(\.isGraceful) == [.maximumAge, .draining])
    }
}
