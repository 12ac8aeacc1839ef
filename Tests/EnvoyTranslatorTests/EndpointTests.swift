import EnvoyAPI
import EnvoyTranslator
import MeshModel
import SwiftProtobuf
import Testing

@Suite("Endpoints")
struct EndpointTests {
    private func endpoint(
        _ address: String, zone: String = "", weight: Int = 1, health: Endpoint.Health = .ready, node: String = ""
    ) -> Endpoint {
        var endpoint = Endpoint(address: address, port: 9080, health: health)
        endpoint.locality = zone.isEmpty ? .unknown : Locality(region: "eu", zone: zone)
        endpoint.weight = weight
        endpoint.node = node
        return endpoint
    }

    @Test("They are grouped by place, which weighs as much as they do; what is not ready or ends is left out")
    func places() {
        let assignment = loadAssignment(
            .init(
                clusterName: "c",
                endpoints: EndpointSet([
                    endpoint("10.0.0.1", zone: "b", weight: 3), endpoint("10.0.0.2", zone: "a"),
                    endpoint("10.0.0.3", zone: "b", health: .draining), endpoint("10.0.0.4"),
                    endpoint("10.0.0.5", zone: "a", health: .unready),
                ])))
        #expect(assignment.clusterName == "c")
        #expect(assignment.endpoints.map(\.locality.zone) == ["", "a", "b"])
        #expect(assignment.endpoints.map(\.hasLocality) == [true, true, true])
        #expect(assignment.endpoints.map(\.loadBalancingWeight.value) == [1, 1, 3])
        #expect(
            assignment.endpoints.map { $0.lbEndpoints.map(\.healthStatus) } == [[.healthy], [.healthy], [.healthy]])
    }

    @Test("Those that end stay where clients keep to them")
    func draining() {
        var labelled = endpoint("10.0.0.2")
        labelled.labels["istio.io/draining"] = "true"
        let endpoints = EndpointSet([endpoint("10.0.0.1", health: .draining), labelled, endpoint("10.0.0.3")])
        func addresses(keepsDraining: Bool) -> [String] {
            loadAssignment(.init(clusterName: "c", endpoints: endpoints, keepsDraining: keepsDraining)).summary
        }
        #expect(addresses(keepsDraining: false) == ["- priority 0 weight 1: 10.0.0.3:9080"])
        #expect(
            addresses(keepsDraining: true) == [
                "- priority 0 weight 3: 10.0.0.1:9080 draining, 10.0.0.2:9080 draining, 10.0.0.3:9080"
            ])
    }

    @Test("Shares are divided by weight among the places that they are for; others are not called")
    func shares() {
        let endpoints = EndpointSet([
            endpoint("10.0.0.1", zone: "a", weight: 3), endpoint("10.0.0.2", zone: "b"), endpoint("10.0.0.3"),
        ])
        func summary(_ shares: [EndpointPlacement.Share]) -> [String] {
            loadAssignment(.init(clusterName: "c", endpoints: endpoints, placement: .shares(shares))).summary
        }
        #expect(
            summary([.init(place: "eu/*", percent: 100)]) == [
                "eu/a priority 0 weight 75: 10.0.0.1:9080", "eu/b priority 0 weight 25: 10.0.0.2:9080",
            ])
        #expect(
            summary([.init(place: "eu/b", percent: 90), .init(place: "eu", percent: 10)]) == [
                "eu/a priority 0 weight 10: 10.0.0.1:9080", "eu/b priority 0 weight 90: 10.0.0.2:9080",
            ])
        #expect(summary([.init(place: "us", percent: 100)]).isEmpty)
    }

    @Test("Names are looked up whatever the family")
    func names() {
        let endpoints = EndpointSet([
            Endpoint(address: "example.com", port: 80), Endpoint(address: "10.0.0.1", port: 80),
        ])
        let six = loadAssignment(.init(clusterName: "c", endpoints: endpoints, families: .ipv6))
        #expect(six.summary == ["- priority 0 weight 1: example.com:80"])
    }

    @Test("Metadata says what telemetry calls them and whether they speak mutual TLS")
    func metadata() throws {
        let mesh = Mesh.bookinfo
        let all = try mesh.resources(for: mesh.sidecar()).endpoints("outbound|9080||ratings.stars.svc.cluster.local")
        let metadata = try #require(all?.endpoints.first?.lbEndpoints.first?.metadata.filterMetadata)
        #expect(metadata["envoy.transport_socket_match"]?.fields == ["tlsMode": "istio"])
        #expect(metadata["istio"]?.fields == ["workload": "ratings-v1;stars;ratings;v1;Kubernetes"])
    }

    @Test("A proxy gets those of its families, and of its node where the service stays on it")
    func reach() {
        let endpoints = EndpointSet([endpoint("10.0.0.1", node: "a"), endpoint("fd00::1", node: "b")])
        func addresses(_ families: AddressFamilies, node: String? = nil) -> [String] {
            loadAssignment(.init(clusterName: "c", endpoints: endpoints, families: families, node: node))
                .endpoints.flatMap(\.lbEndpoints).map(\.endpoint.address.socketAddress.address)
        }
        #expect(addresses(.ipv4) == ["10.0.0.1"])
        #expect(addresses(.ipv6) == ["fd00::1"])
        #expect(addresses(.dual) == ["10.0.0.1", "fd00::1"])
        #expect(addresses(.dual, node: "b") == ["fd00::1"])
        #expect(addresses(.dual, node: "c").isEmpty)
    }
}
