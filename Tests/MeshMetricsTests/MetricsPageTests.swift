import Foundation
import MeshMetrics
import Testing

@Suite("The page of metrics")
struct MetricsPageTests {
    private let page = MetricsPage(
        own: PeerNames(
            workload: "productpage-v1", namespace: "default", canonicalName: "productpage", canonicalRevision: "v1",
            clusterID: "Kubernetes", app: "productpage", version: "v1"))

    private func rewritten(_ text: String) -> [String] {
        String(decoding: page.rewritten(Array(text.utf8)), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static let services =
        #"[{\"host\":\"reviews.stars.svc.cluster.local\",\"name\":\"reviews\",\"namespace\":\"stars\"}]"#

    @Test("A call that the client counts has both workloads' names, and all of Istio's labels in its order")
    func client() {
        let lines = rewritten(
            """
            # TYPE envoy_server_live gauge
            envoy_server_live{} 1
            # TYPE envoy_mesh_istio_requests_total counter
            envoy_mesh_istio_requests_total{reporter="source",mesh_endpoint="reviews-v2;stars;reviews;v2;Kubernetes",\
            source_principal="spiffe://cluster.local/ns/default/sa/productpage",\
            destination_principal="spiffe://cluster.local/ns/stars/sa/reviews",mesh_services="\(Self.services)",\
            response_code="200",response_flags="-",grpc_response_status=""} 7

            """)
        #expect(lines.prefix(2) == ["# TYPE envoy_server_live gauge", "envoy_server_live{} 1"])
        #expect(lines.dropFirst(2).first == "# TYPE istio_requests_total counter")
        let labels: [String] = [
            #"reporter="source",source_workload="productpage-v1",source_workload_namespace="default""#,
            #"source_principal="spiffe://cluster.local/ns/default/sa/productpage",source_app="productpage""#,
            #"source_version="v1",source_cluster="Kubernetes",source_canonical_service="productpage""#,
            #"source_canonical_revision="v1",destination_workload="reviews-v2""#,
            #"destination_workload_namespace="stars""#,
            #"destination_principal="spiffe://cluster.local/ns/stars/sa/reviews""#,
            #"destination_app="reviews",destination_version="v2",destination_cluster="Kubernetes""#,
            #"destination_canonical_service="reviews",destination_canonical_revision="v2""#,
            #"destination_service="reviews.stars.svc.cluster.local",destination_service_name="reviews""#,
            #"destination_service_namespace="stars",request_protocol="http",response_code="200""#,
            #"grpc_response_status="",response_flags="-",connection_security_policy="unknown""#,
        ]
        #expect(lines.last == "istio_requests_total{\(labels.joined(separator: ","))} 7")
    }

    /// The value of a label on the only line of a kind.
    private func label(_ name: String, _ tags: String) -> String? {
        let lines = rewritten(
            """
            # TYPE envoy_mesh_istio_requests_total counter
            envoy_mesh_istio_requests_total{\(tags)} 1

            """)
        guard lines.count == 2, let start = lines[1].range(of: "\(name)=\"") else { return nil }
        return String(lines[1][start.upperBound...].prefix { $0 != "\"" })
    }

    @Test("A peer's word counts for the namespace of its certificate alone")
    func trust() {
        let peer = #"reporter="destination",mesh_peer="forger;kube-system;admin;v1;c""#
        #expect(label("source_workload", peer) == "unknown")
        #expect(label("source_workload_namespace", peer) == "unknown")
        #expect(label("source_canonical_revision", peer) == "latest")
        let other = peer + #",source_principal="spiffe://cluster.local/ns/default/sa/x""#
        #expect(label("source_workload", other) == "unknown")
        #expect(label("source_workload_namespace", other) == "default")
        let own = peer + #",source_principal="spiffe://cluster.local/ns/kube-system/sa/x""#
        #expect(label("source_workload", own) == "forger")
        #expect(label("source_app", own) == "admin")
        #expect(label("destination_workload", own) == "productpage-v1")
        for principal in [
            "kube-system", "spiffe://", "spiffe://d/sa/kube-system", "spiffe://d/ns/", "https://d/ns/kube-system",
        ] {
            #expect(label("source_workload", peer + ",source_principal=\"\(principal)\"") == "unknown")
        }
    }

    @Test(
        "Names are read as they are written, and nothing else is",
        arguments: ["a;b;c;d;e", "a;b;c;d;e;f;g", ";;;;", "a;b;c;d;e;;"])
    func names(text: String) {
        #expect(PeerNames(text)?.text == text)
        #expect(PeerNames(text + ";h") == nil)
        #expect(PeerNames("") == nil)
    }

    @Test("Labels that are taken away or put in by a Telemetry, and what becomes the same is one sum")
    func overrides() {
        let lines = rewritten(
            """
            # TYPE envoy_mesh_istio_request_bytes histogram
            envoy_mesh_istio_request_bytes_bucket{reporter="source",mesh_removed="\(Self.allButReporter)",a="1",le="0.5"} 1
            envoy_mesh_istio_request_bytes_sum{reporter="source",mesh_removed="\(Self.allButReporter)",a="1"} 2.5
            envoy_mesh_istio_request_bytes_count{reporter="source",mesh_removed="\(Self.allButReporter)",a="1"} 1
            envoy_mesh_istio_request_bytes_bucket{reporter="source",mesh_removed="\(Self.allButReporter)",a="1",response_code="500",le="0.5"} 3
            envoy_mesh_istio_request_bytes_sum{reporter="source",mesh_removed="\(Self.allButReporter)",a="1",response_code="500"} 4.5
            envoy_mesh_istio_request_bytes_count{reporter="source",mesh_removed="\(Self.allButReporter)",a="1",response_code="500"} 3

            """)
        #expect(
            lines == [
                "# TYPE istio_request_bytes histogram",
                #"istio_request_bytes_bucket{reporter="source",a="1",le="0.5"} 4"#,
                #"istio_request_bytes_sum{reporter="source",a="1"} 7"#,
                #"istio_request_bytes_count{reporter="source",a="1"} 4"#,
            ])
        #expect(label("source_app", #"reporter="source",source_app="mine""#) == "mine")
        #expect(
            label(
                "destination_service",
                #"reporter="source",mesh_services="[{\"name\":\"PassthroughCluster\"}]",mesh_host="example.com""#)
                == "example.com")
        #expect(
            label("destination_service_name", #"reporter="source",mesh_services="[{\"name\":\"PassthroughCluster\"}]""#)
                == "PassthroughCluster")
        #expect(label("destination_service_name", #"reporter="source",mesh_services="no JSON""#) == "unknown")
        let blocked = #"reporter="source",mesh_services="",mesh_host="example.com""#
        #expect(label("destination_service_name", blocked) == "BlackHoleCluster")
        #expect(label("destination_service", blocked) == "example.com")
    }

    private static let allButReporter =
        ["source", "destination"].flatMap { side in
            [
                "workload", "workload_namespace", "principal", "app", "version", "cluster", "canonical_service",
                "canonical_revision",
            ]
            .map { "\(side)_\($0)" }
        }.joined(separator: ",")
        + ",destination_service,destination_service_name,destination_service_namespace,request_protocol,response_code"
        + ",grpc_response_status,response_flags,connection_security_policy"

    @Test("Messages of gRPC are counted per call and multiplied here; connections that never came about were opened")
    func multiplied() {
        let lines = rewritten(
            """
            # TYPE envoy_mesh_istio_request_messages_total counter
            envoy_mesh_istio_request_messages_total{reporter="source",mesh_messages="3,20"} 2
            envoy_mesh_istio_request_messages_total{reporter="source",mesh_messages="1,1"} 5
            # TYPE envoy_mesh_istio_response_messages_total counter
            envoy_mesh_istio_response_messages_total{reporter="source",mesh_messages="3,20"} 2
            envoy_mesh_istio_response_messages_total{reporter="source",mesh_messages=""} 2
            # TYPE envoy_mesh_istio_tcp_connections_closed_total counter
            envoy_mesh_istio_tcp_connections_closed_total{reporter="source",response_flags="UF,URX"} 2
            envoy_mesh_istio_tcp_connections_closed_total{reporter="source",response_flags="-"} 4
            envoy_mesh_istio_tcp_connections_closed_total{reporter="source",response_flags="UH",mesh_only_closed="1"} 8
            # TYPE envoy_mesh_istio_tcp_connections_opened_total counter
            envoy_mesh_istio_tcp_connections_opened_total{reporter="source",response_flags="-"} 5

            """)
        func values(_ name: String) -> [String] {
            lines.filter { $0.hasPrefix("\(name){") }.map { String($0.split(separator: " ").last ?? "") }
        }
        #expect(values("istio_request_messages_total") == ["11"])
        #expect(values("istio_response_messages_total") == ["40"])
        #expect(values("istio_tcp_connections_closed_total") == ["2", "4", "8"])
        #expect(values("istio_tcp_connections_opened_total") == ["2", "5"])
        #expect(lines.filter { $0.hasPrefix("#") }.count == 4)
        #expect(
            lines.first { $0.contains("request_messages") && !$0.hasPrefix("#") }?.contains(#"request_protocol="grpc""#)
                == true)
        #expect(
            lines.first { $0.contains("closed") && !$0.hasPrefix("#") }?.contains(#"request_protocol="tcp""#) == true)
        #expect(lines.first { $0.contains("closed") && !$0.hasPrefix("#") }?.contains("response_code") == false)
    }

    @Test("One count of calls tells messages in both directions")
    func messages() {
        let lines = rewritten(
            """
            # TYPE envoy_mesh_istio_messages counter
            envoy_mesh_istio_messages{reporter="source",mesh_messages="3,20"} 2
            envoy_mesh_istio_messages{reporter="source",mesh_messages="1,0"} 5

            """)
        let values = lines.map { String($0.split(separator: " ").last ?? "") }
        #expect(values == ["counter", "11", "counter", "40"])
        #expect(lines.count == 4 && lines[1].hasPrefix("istio_request_messages_total{"))
        #expect(lines.count == 4 && lines[3].hasPrefix("istio_response_messages_total{"))
    }

    @Test("Rubbish among the lines harms nothing else")
    func rubbish() {
        for line in [
            "envoy_mesh_istio_", "envoy_mesh_istio_requests_total{", #"envoy_mesh_istio_requests_total{a="b"#,
            #"envoy_mesh_istio_requests_total{a="b\"#, "envoy_mesh_istio_requests_total{} ",
            "# TYPE envoy_mesh_istio_x", "envoy_mesh_istio_undeclared 3",
        ] {
            #expect(rewritten("\(line)\nother 1\n") == ["other 1"], "\(line)")
        }
    }
}
