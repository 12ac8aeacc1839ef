import MeshMetrics
import Testing

@testable import AgentTelemetry

@Suite("Connections are counted while they are open, each once")
struct ConnectionCountsTests {
    private static let all: ConnectionTotals.Counted = [.opened, .closed, .sent, .received]
    private static let start = SuspendingClock.now
    private static let reviews = PeerWorkload(
        names: PeerNames(
            workload: "reviews-v2", namespace: "stars", canonicalName: "reviews", canonicalRevision: "v2",
            clusterID: "Kubernetes", app: "reviews", version: "v2"), serviceAccount: "bookinfo")

    /// Counts and peers, with a clock that is set.
    private struct Log {
        var counts: ConnectionCounts
        var peers: PeerDirectory
        var now = ConnectionCountsTests.start

        init(_ limits: ConnectionCounts.Limits = .init(), peers: PeerDirectory.Limits = .init()) {
            counts = ConnectionCounts(limits)
            self.peers = PeerDirectory(peers)
        }

        mutating func tell(
            _ id: String, received: UInt64 = 0, sent: UInt64 = 0, isEnd: Bool = false, from address: String = "",
            tags: [String: String] = ["reporter": "destination"], counted: ConnectionTotals.Counted = all
        ) {
            counts.receive(
                ConnectionRecord(
                    id: id, isEnd: isEnd, received: received, sent: sent, tags: tags, clientAddress: address),
                counted: counted, peers: &peers, now: now)
        }

        mutating func settle() { counts.settle(&peers, now: now) }

        mutating func question() -> [String] {
            let counts = counts
            return peers.takeQuestion(now: now) { counts.isWaiting(for: $0) }.sorted()
        }

        mutating func answer(_ address: String, _ workload: PeerWorkload?) {
            peers.take(PeerAnswers([address: workload]), now: now)
            settle()
        }

        /// Opened, closed, sent and received of the series with these names of the client.
        func values(_ located: String? = nil) -> [UInt64] {
            let found = counts.totals.filter { $0.tags["mesh_located"] == located }
            return found.reduce([0, 0, 0, 0]) { sum, one in
                zip(sum, [one.opened, one.closed, one.sent, one.received]).map { $0 + $1 }
            }
        }
    }

    @Test func whatAConnectionHasHadSinceTheLastTimeCounts() {
        var log = Log()
        log.tell("a")
        #expect(log.values() == [1, 0, 0, 0])
        log.tell("a", received: 5, sent: 7)
        log.tell("a", received: 5, sent: 7)
        #expect(log.values() == [1, 0, 7, 5])
        log.tell("a", received: 9, sent: 7, isEnd: true)
        #expect(log.values() == [1, 1, 7, 9])
        #expect(log.counts.openCount == 0)
    }

    @Test func oneThatNeverGotThroughWasOpenedWhenItWasClosed() {
        var log = Log()
        log.tell("a", isEnd: true, tags: ["reporter": "source", "response_flags": "UF,URX"])
        #expect(log.values() == [1, 1, 0, 0])
        #expect(log.counts.totals.map(\.tags) == [["reporter": "source", "response_flags": "UF,URX"]])
    }

    @Test func logsOfDifferentMetricsCountEachForItself() {
        var log = Log()
        for counted in [ConnectionTotals.Counted.opened, .sent] {
            log.tell("a", sent: 3, counted: counted)
            log.tell("a", sent: 4, isEnd: true, counted: counted)
        }
        #expect(log.counts.totals.map(\.counted) == [.opened, .sent])
        #expect(log.counts.totals.map(\.sent) == [4, 4])
    }

    @Test func aClientIsCountedUnderTheNamesThatTheControlPlaneGives() {
        var log = Log()
        log.tell("a", from: "10.0.0.7")
        log.tell("a", received: 5, from: "10.0.0.7")
        #expect(log.counts.totals.isEmpty, "the answer is waited for")
        #expect(log.question() == ["10.0.0.7"])
        #expect(log.question() == [], "asked once")
        log.answer("10.0.0.7", Self.reviews)
        #expect(log.values(Self.reviews.names.text) == [1, 0, 0, 5])
        log.tell("a", received: 6, isEnd: true, from: "10.0.0.7")
        log.tell("b", received: 1, isEnd: true, from: "10.0.0.7")
        #expect(log.values(Self.reviews.names.text) == [2, 2, 0, 7])
        #expect(log.question() == [], "what is known is not asked for again")
        log.now += .seconds(61)
        log.tell("c", from: "10.0.0.7")
        #expect(log.question() == ["10.0.0.7"], "an address may have another owner after a minute")
    }

    @Test func oneThatEndsWhileItWaitsIsCountedAllTheSame() {
        var log = Log()
        log.tell("a", received: 5, isEnd: true, from: "10.0.0.7")
        #expect(log.counts.totals.isEmpty && log.counts.openCount == 0)
        _ = log.question()
        log.answer("10.0.0.7", Self.reviews)
        #expect(log.values(Self.reviews.names.text) == [1, 1, 0, 5])
        #expect(!log.counts.isWaiting)
    }

    @Test(arguments: [
        ("", true), ("spiffe://cluster.local/ns/stars/sa/bookinfo", true),
        ("spiffe://cluster.local/ns/stars/sa/other", false), ("spiffe://cluster.local/ns/else/sa/bookinfo", false),
        ("reviews.example", false),
    ])
    func anAddressCountsAsFarAsTheCertificateSaysTheSame(_ principal: String, _ isNamed: Bool) {
        var log = Log()
        log.tell("a", from: "10.0.0.7", tags: ["reporter": "destination", "source_principal": principal])
        _ = log.question()
        log.answer("10.0.0.7", Self.reviews)
        #expect(log.values(isNamed ? Self.reviews.names.text : nil) == [1, 0, 0, 0])
    }

    @Test func whomTheControlPlaneDoesNotKnowIsAskedForTwiceThenUnknown() {
        var log = Log()
        log.tell("a", from: "10.0.0.7")
        #expect(log.question() == ["10.0.0.7"])
        log.answer("10.0.0.7", nil)
        #expect(log.counts.isWaiting, "a Pod may be known a moment later")
        #expect(log.question() == [])
        log.now += .seconds(2)
        #expect(log.question() == ["10.0.0.7"])
        log.answer("10.0.0.7", nil)
        #expect(log.values() == [1, 0, 0, 0])
        log.tell("b", from: "10.0.0.7")
        #expect(log.values() == [2, 0, 0, 0], "the next does not wait")
        #expect(log.question() == [])
    }

    @Test func withoutAnswersNobodyWaitsForeverAndLaterNamesCount() {
        var log = Log()
        log.tell("a", received: 5, from: "10.0.0.7")
        let question = log.question()
        let counts = log.counts
        log.peers.putBack(question) { counts.isWaiting(for: $0) }
        #expect(log.question() == ["10.0.0.7"], "nobody could be asked")
        log.now += .seconds(3)
        #expect(log.question() == ["10.0.0.7"], "nobody has answered")
        log.now += .seconds(7)
        log.settle()
        #expect(log.values() == [1, 0, 0, 5])
        log.tell("a", received: 8, from: "10.0.0.7")
        #expect(log.values() == [1, 0, 0, 8])
        log.answer("10.0.0.7", Self.reviews)
        log.tell("a", received: 9, from: "10.0.0.7")
        log.tell("a", received: 11, isEnd: true, from: "10.0.0.7")
        #expect(log.values() == [1, 1, 0, 8], "closed where it was opened")
        #expect(log.values(Self.reviews.names.text) == [0, 0, 0, 3])
    }

    @Test func connectionsSeriesAndAddressesAreBounded() {
        var limits = ConnectionCounts.Limits()
        (limits.connections, limits.series, limits.reducedSeries) = (4, 3, 1)
        var peerLimits = PeerDirectory.Limits()
        peerLimits.addresses = 5
        var log = Log(limits, peers: peerLimits)
        for number in 0..<200 {
            let tags = [
                "reporter": "source", "mesh_services": "service \(number % 3)", "source_principal": "\(number)",
            ]
            log.tell("\(number)", sent: 1, from: "10.0.0.\(number)", tags: tags)
            log.tell("\(number)", sent: 2, isEnd: true, from: "10.0.0.\(number)", tags: tags)
        }
        #expect(log.peers.count <= 5)
        log.now += .seconds(60)
        log.settle()
        #expect(!log.counts.isWaiting)
        #expect(log.counts.openCount == 0)
        #expect(log.counts.totals.count <= 5)
        #expect(log.values() == [200, 200, 400, 0], "nothing is lost")
        #expect(log.counts.folded > 0)
    }

    @Test func tooManyConnectionsCountAtTheirEnd() {
        var limits = ConnectionCounts.Limits()
        limits.connections = 2
        var log = Log(limits)
        for id in ["a", "b", "c"] { log.tell(id, sent: 3) }
        #expect(log.values() == [2, 0, 6, 0])
        #expect(log.counts.untracked == 1)
        for id in ["a", "b", "c"] { log.tell(id, sent: 4, isEnd: true) }
        #expect(log.values() == [3, 3, 12, 0])
    }

    @Test func whatEnvoyTellsNothingOfAnyMoreIsClosed() {
        var log = Log()
        log.tell("a", sent: 3)
        log.now += .seconds(5 * 60)
        log.settle()
        #expect(log.values() == [1, 0, 3, 0])
        log.now += .seconds(10 * 60)
        log.settle()
        #expect(log.values() == [1, 1, 3, 0])
        #expect(log.counts.openCount == 0)
    }
}

@Suite("The names of logs")
struct ConnectionLogNameTests {
    @Test(arguments: 0..<16)
    func saysWhatCounts(_ bits: Int) {
        let counted = ConnectionTotals.Counted(rawValue: UInt8(bits))
        #expect(ConnectionTotals.Counted(logName: counted.logName) == counted)
    }

    @Test(arguments: ["", "connections", "connections/x", "tcp_envoy_accesslog"])
    func othersAreNone(_ name: String) {
        #expect(ConnectionTotals.Counted(logName: name) == nil)
    }
}
