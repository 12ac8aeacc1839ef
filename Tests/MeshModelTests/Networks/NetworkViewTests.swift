import MeshModel
import Testing

@Suite struct NetworkViewTests {
    private func endpoint(
        _ address: String, on network: String, weight: Int = 1, isMutualTLS: Bool = true, region: String = ""
    ) -> Endpoint {
        var endpoint = Endpoint(address: address, port: 80)
        endpoint.network = network
        endpoint.weight = weight
        endpoint.isMutualTLS = isMutualTLS
        endpoint.locality.region = region
        return endpoint
    }

    private let topology = MeshTopology(gateways: [
        "n2": [.init(address: "2.2.2.2", port: 15443), .init(address: "2.2.2.3", port: 15443)],
        "n3": [.init(address: "3.3.3.3", port: 15443)],
    ])

    private func reached(_ endpoints: [Endpoint], from network: String = "n1") -> [String] {
        (topology.view(from: network)?.reached(endpoints) ?? endpoints).map {
            "\($0.address):\($0.port) x\($0.weight)\($0.locality.isUnknown ? "" : " \($0.locality)")"
        }
    }

    @Test func otherNetworksAreEnteredThroughTheirGateways() {
        let endpoints = [
            endpoint("10.0.0.1", on: "n1"), endpoint("10.0.0.2", on: ""), endpoint("10.0.0.3", on: "unknown"),
            endpoint("10.0.0.4", on: "n2", weight: 3), endpoint("10.0.0.5", on: "n2"), endpoint("10.0.0.6", on: "n3"),
        ]
        // Two gateways share four of n2, and weights stay whole numbers.
        #expect(
            reached(endpoints) == [
                "10.0.0.1:80 x2", "10.0.0.2:80 x2", "10.0.0.3:80 x2", "2.2.2.2:15443 x4", "2.2.2.3:15443 x4",
                "3.3.3.3:15443 x2",
            ])
        #expect(reached(endpoints, from: "n3").suffix(1) == ["2.2.2.3:15443 x4"])
        // A proxy that does not know where it is calls everybody itself.
        #expect(reached(endpoints, from: "").first == "10.0.0.1:80 x1")
        #expect(topology.view(from: "") == nil)
    }

    @Test func onlyMutualTLSPassesAGateway() {
        #expect(
            reached([endpoint("10.0.0.1", on: "n2", isMutualTLS: false), endpoint("10.0.0.2", on: "n3")])
                == ["3.3.3.3:15443 x2"])
    }

    @Test func placesStay() {
        #expect(
            reached([endpoint("10.0.0.1", on: "n3", region: "a"), endpoint("10.0.0.2", on: "n3", region: "b")])
                == ["3.3.3.3:15443 x2 a", "3.3.3.3:15443 x2 b"])
    }

    @Test func theNarrowestPatternSaysWhatStaysWithinACluster() {
        var settings = MeshSettings()
        #expect(settings.isClusterLocal("dns.kube-system.svc.cluster.local"))
        #expect(!settings.isClusterLocal("a.shop.svc.cluster.local"))
        settings.clusterLocalHosts = ["*.shop.svc.cluster.local": true, "a.shop.svc.cluster.local": false, "*": true]
        #expect(!settings.isClusterLocal("a.shop.svc.cluster.local"))
        #expect(settings.isClusterLocal("b.shop.svc.cluster.local"))
        #expect(settings.isClusterLocal("x.com"))
    }
}
