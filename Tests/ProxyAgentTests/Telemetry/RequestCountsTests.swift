import EnvoyAPI
import EnvoyBootstrap
import MeshMetrics
import SwiftProtobuf
import Testing

@testable import AgentTelemetry

@Suite("Requests are counted by who calls, each once")
struct RequestCountsTests {
    private static let all: RequestTotals.Counted = [.requests, .durations, .requestBytes, .responseBytes]
    private static let start = SuspendingClock.now
    private static let legacy = PeerWorkload(
        names: PeerNames(
            workload: "legacy-v1", namespace: "old", canonicalName: "legacy", canonicalRevision: "v1",
            clusterID: "Kubernetes", app: "legacy", version: "v1"), serviceAccount: "legacy")

    /// Counts and peers, with a clock that is set.
    private struct Log {
        var counts: RequestCounts
        var peers: PeerDirectory
        var now = RequestCountsTests.start

        init(_ limits: RequestCounts.Limits = .init(), peers: PeerDirectory.Limits = .init()) {
            counts = RequestCounts(.init([1, 10, 100]), limits)
            self.peers = PeerDirectory(peers)
        }

        mutating func tell(
            from address: String = "", milliseconds: UInt64 = 5, tags: [String: String] = ["reporter": "destination"],
            counted: RequestTotals.Counted = all
        ) {
            let request = CountedRequest(milliseconds: milliseconds, requestBytes: 7, responseBytes: 70)
            counts.receive(
                RequestRecord(tags: tags, request: request, clientAddress: address), counted: counted, peers: &peers,
                now: now)
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

        /// How many requests there are under these names of a client.
        func requests(_ located: String? = nil) -> UInt64 {
            counts.totals.filter { $0.tags["mesh_located"] == located }.reduce(0) { $0 + $1.requests }
        }
    }

    @Test func aClientIsCountedUnderTheNamesThatTheControlPlaneGives() {
        var log = Log()
        for milliseconds in [1, 2, 1000] as [UInt64] { log.tell(from: "10.0.0.7", milliseconds: milliseconds) }
        #expect(log.counts.totals.isEmpty, "the answer is waited for")
        #expect(log.question() == ["10.0.0.7"])
        #expect(log.question() == [], "asked once")
        log.answer("10.0.0.7", Self.legacy)
        log.tell(from: "10.0.0.7")
        #expect(log.requests(Self.legacy.names.text) == 4)
        #expect(log.counts.totals.count == 1)
        let durations = log.counts.totals[0].durations
        #expect(durations.cumulative.map(\.count) == [1, 3, 3])
        #expect(durations.count == 4 && durations.sum == 1008)
        #expect(log.counts.totals[0].responseBytes.sum == 280)
        #expect(!log.counts.isWaiting)
    }

    @Test func nobodyWaitsForeverAndWhomNobodyKnowsIsUnknown() {
        var log = Log()
        log.tell(from: "10.0.0.7")
        _ = log.question()
        log.now += .seconds(10)
        log.settle()
        #expect(log.requests() == 1 && !log.counts.isWaiting)
        log.tell(from: "10.0.0.7")
        #expect(log.question() == ["10.0.0.7"], "nobody has answered")
        log.answer("10.0.0.7", nil)
        log.now += .seconds(2)
        #expect(log.question() == ["10.0.0.7"], "a Pod may be known a moment later")
        log.answer("10.0.0.7", nil)
        log.tell(from: "10.0.0.7")
        #expect(log.requests() == 3, "the last one does not wait")
    }

    @Test func aCertificateAndTheAddressMustSayTheSame() {
        var log = Log()
        for account in ["legacy", "other"] {
            log.tell(
                from: "10.0.0.7",
                tags: ["reporter": "destination", "source_principal": "spiffe://cluster.local/ns/old/sa/\(account)"])
        }
        _ = log.question()
        log.answer("10.0.0.7", Self.legacy)
        #expect(log.requests(Self.legacy.names.text) == 1)
        #expect(log.requests() == 1)
    }

    @Test func aFloodIsCountedAndNotKept() {
        var limits = RequestCounts.Limits()
        (limits.series, limits.reducedSeries, limits.waitingSeries) = (8, 4, 16)
        var peerLimits = PeerDirectory.Limits()
        peerLimits.addresses = 32
        var log = Log(limits, peers: peerLimits)
        for number in 0..<1000 {
            log.tell(
                from: "10.0.\(number % 64).1",
                tags: ["reporter": "destination", "path": "/\(number % 100)", "response_code": "\(200 + number % 8)"])
        }
        #expect(log.peers.count <= 32)
        #expect(log.counts.unnamed > 0)
        log.now += .seconds(60)
        log.settle()
        #expect(!log.counts.isWaiting)
        #expect(log.requests() == 1000, "nothing is lost")
        #expect(log.counts.folded > 0)
        #expect(log.counts.totals.count <= 14)
        // There is room for other clients again.
        log.tell(from: "10.0.0.1")
        #expect(log.counts.isWaiting)
    }

    @Test func whereThereIsNoRoomNobodyLooksForItAllTheTime() {
        var limits = PeerDirectory.Limits()
        limits.addresses = 2
        var peers = PeerDirectory(limits)
        let start = Self.start
        for address in ["10.0.0.1", "10.0.0.2"] { #expect(peers.answer(for: address, now: start) == .unknown) }
        #expect(peers.answer(for: "10.0.0.3", now: start) == .nobody)
        _ = peers.takeQuestion(now: start) { _ in true }
        peers.take(PeerAnswers(["10.0.0.1": nil, "10.0.0.2": nil]), now: start - .seconds(60))
        let soon = start + .milliseconds(999)
        #expect(peers.answer(for: "10.0.0.3", now: soon) == .nobody, "there would be room")
        #expect(peers.answer(for: "10.0.0.3", now: start + .seconds(1)) == .unknown)
        #expect(peers.count == 1)
    }

    @Test func aPageHasABoundedSize() {
        var log = Log()
        log.counts = RequestCounts(.init(histogramBounds(of: "mesh.istio_request_bytes", annotations: [:])))
        for number in 0..<1000 {
            log.tell(tags: ["reporter": "destination", "path": "/\(number)", "response_code": "\(number)"])
        }
        let page = MetricsPage(own: PeerNames()).rewritten([], adding: .init(requests: log.counts.totals))
        #expect(log.counts.folded > 0 && page.count < 48 << 20, "\(page.count) bytes")
    }

    @Test func recordsSayWhoCallsAndHowMuch() throws {
        var entry: Envoy_Data_Accesslog_V3_HTTPAccessLogEntry = .with {
            $0.commonProperties.accessLogType = .downstreamEnd
            $0.commonProperties.downstreamDirectRemoteAddress.socketAddress.address = "10.0.0.7"
            $0.commonProperties.duration = .init(seconds: 2, nanos: 345_678_901)
            $0.commonProperties.customTags = ["reporter": "destination", "mesh_messages": "12345,678"]
            $0.request.requestBodyBytes = 5
            $0.response.responseBodyBytes = 6
        }
        var record = try #require(RequestRecord(entry))
        #expect(
            record.request
                == CountedRequest(
                    milliseconds: 2345, requestBytes: 5, responseBytes: 6, requestMessages: 12345,
                    responseMessages: 678))
        #expect(record.tags == ["reporter": "destination", "mesh_messages": ""])
        #expect(record.clientAddress == "10.0.0.7")
        entry.commonProperties.customTags = ["reporter": "destination", "mesh_peer": "a;b;c;d;e", "mesh_messages": "-"]
        record = try #require(RequestRecord(entry))
        #expect(record.clientAddress.isEmpty && record.tags["mesh_messages"] == nil)
        entry.commonProperties.customTags = ["reporter": "source"]
        #expect(RequestRecord(entry)?.clientAddress == "")
        entry.commonProperties.accessLogType = .downstreamStart
        #expect(RequestRecord(entry) == nil)
    }
}

@Suite("The names of logs of requests")
struct RequestLogNameTests {
    @Test(arguments: 0..<64)
    func saysWhatCounts(_ bits: Int) {
        let counted = RequestTotals.Counted(rawValue: UInt8(bits))
        #expect(RequestTotals.Counted(logName: counted.logName) == counted)
        #expect(ConnectionTotals.Counted(logName: counted.logName) == nil)
    }
}
