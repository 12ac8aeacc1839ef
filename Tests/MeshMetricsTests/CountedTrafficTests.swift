import MeshMetrics
import Testing

@Suite("What agents count, on the page")
struct CountedTrafficTests {
    private let page = MetricsPage(
        own: PeerNames(
            workload: "reviews-v1", namespace: "default", canonicalName: "reviews", canonicalRevision: "v1",
            clusterID: "Kubernetes", app: "reviews", version: "v1"))

    private static let everything: RequestTotals.Counted = [
        .requests, .durations, .requestBytes, .responseBytes, .requestMessages, .responseMessages,
    ]

    private func totals(
        _ tags: [String: String], _ requests: [CountedRequest], counted: RequestTotals.Counted = everything
    ) -> RequestTotals {
        var totals = RequestTotals(
            tags: tags.merging(["reporter": "destination"]) { $1 }, counted: counted, bounds: .init([0.5, 10]))
        for request in requests { totals.count(request) }
        return totals
    }

    private func lines(_ totals: [RequestTotals], _ text: String = "") -> [String] {
        String(decoding: page.rewritten(Array(text.utf8), adding: .init(requests: totals)), as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }

    @Test("A client has the names that the control plane gave, and all labels")
    func names() {
        let tags = [
            "mesh_located": "legacy-v1;old;legacy;v1;Kubernetes", "connection_security_policy": "none",
            "response_code": "404", "response_flags": "NR",
        ]
        let lines = lines([totals(tags, [CountedRequest(), CountedRequest()], counted: .requests)])
        #expect(lines.count == 2 && lines[0] == "# TYPE istio_requests_total counter")
        for label in [
            "source_workload=\"legacy-v1\"", "source_workload_namespace=\"old\"", "source_principal=\"unknown\"",
            "source_app=\"legacy\"", "source_version=\"v1\"", "source_canonical_service=\"legacy\"",
            "source_canonical_revision=\"v1\"", "source_cluster=\"Kubernetes\"", "destination_workload=\"reviews-v1\"",
            "request_protocol=\"http\"", "response_code=\"404\"", "response_flags=\"NR\"",
            "connection_security_policy=\"none\"",
        ] { #expect(lines.last?.contains(label) == true, "\(label)") }
        #expect(lines.last?.hasSuffix("} 2") == true && lines.last?.contains("mesh_") == false)
    }

    @Test("Histograms are cumulative, and what Envoy and the agent have counted alike is one sum")
    func histograms() throws {
        let requests = [0, 7, 500].map { CountedRequest(milliseconds: $0) }
        let own = lines([totals([:], requests, counted: .durations)])
        #expect(own.map { String($0.split(separator: " ").last ?? "") } == ["histogram", "1", "2", "3", "507", "3"])
        let labels = try #require(own.last?.split(separator: "{").last?.split(separator: "}").first)
        #expect(own[1] == "istio_request_duration_milliseconds_bucket{\(labels),le=\"0.5\"} 1")
        #expect(own[3] == "istio_request_duration_milliseconds_bucket{\(labels),le=\"+Inf\"} 3")
        let name = "envoy_mesh_istio_request_duration_milliseconds"
        let both = lines(
            [totals([:], requests, counted: .durations)],
            """
            # TYPE \(name) histogram
            \(name)_bucket{reporter="destination",le="0.5"} 4
            \(name)_bucket{reporter="destination",le="10"} 5
            \(name)_bucket{reporter="destination",le="+Inf"} 6
            \(name)_sum{reporter="destination"} 100
            \(name)_count{reporter="destination"} 6

            """)
        #expect(both.map { String($0.split(separator: " ").last ?? "") } == ["histogram", "5", "7", "9", "607", "9"])
    }

    @Test("Messages are of gRPC alone")
    func messages() {
        let calls = [CountedRequest(requestMessages: 12_345, responseMessages: 1), CountedRequest(requestMessages: 5)]
        let grpc = lines([totals(["mesh_messages": ""], calls, counted: [.requestMessages, .responseMessages])])
        #expect(grpc.map { String($0.split(separator: " ").last ?? "") } == ["counter", "12350", "counter", "1"])
        #expect(grpc[1].hasPrefix("istio_request_messages_total{") && grpc[1].contains("request_protocol=\"grpc\""))
        #expect(grpc[3].hasPrefix("istio_response_messages_total{"))
        let http = lines([totals([:], calls)])
        #expect(!http.contains { $0.contains("messages") })
        #expect(http.contains { $0.hasPrefix("istio_requests_total{") && $0.contains("request_protocol=\"http\"") })
    }

    @Test("A label of a Telemetry is unknown where Envoy leaves it out, and the same whoever counts")
    func changed() {
        let request = CountedRequest()
        let tags = ["mesh_changed": "area,request_protocol,team,zone", "area": "a", "zone": "z"]
        let own = lines([totals(tags, [request], counted: .requests)])
        #expect(own.last?.contains("request_protocol=\"unknown\"") == true)
        #expect(own.last?.hasSuffix("area=\"a\",team=\"unknown\",zone=\"z\"} 1") == true)
        let both = lines(
            [totals(tags, [request], counted: .requests)],
            """
            # TYPE envoy_mesh_istio_requests_total counter
            envoy_mesh_istio_requests_total{reporter="destination",area="a",request_protocol="",team="",zone="z"} 2

            """)
        #expect(both.count == 2 && both.last?.hasSuffix("} 3") == true)
    }

    @Test("What is not counted, or under other tags, is not shown")
    func counted() {
        let request = CountedRequest(milliseconds: 1, requestBytes: 2, responseBytes: 3)
        let families = lines([totals([:], [request], counted: [.requestBytes])]).filter { $0.hasPrefix("#") }
        #expect(families == ["# TYPE istio_request_bytes histogram"])
    }
}
