import EnvoyAPI
import EnvoyTranslator
import MeshModel
import MeshTranslator
import SwiftProtobuf
import Testing

/// Two clusters on networks of their own.
@Suite struct NetworkTests {
    private func mesh() -> Mesh {
        var mesh = Mesh()
        mesh.add(
            "reviews", addresses: ["10.96.0.3"], ports: [ServicePort(name: "http", number: 9080, meshProtocol: .http)])
        let key = ServiceKey(hostname: "reviews.default.svc.cluster.local", namespace: "default")
        mesh.snapshot.services[key]?.clusterAddresses = ["Kubernetes": ["10.96.0.3"], "other": ["10.97.0.3"]]
        func endpoint(_ address: String, _ cluster: String, _ network: String) -> Endpoint {
            var endpoint = Endpoint(address: address, port: 9080, labels: ["version": "v1"])
            endpoint.isMutualTLS = true
            endpoint.clusterID = cluster
            endpoint.network = network
            return endpoint
        }
        mesh.snapshot.endpoints[EndpointKey(service: key, portName: "http")] = EndpointSet([
            endpoint("10.0.0.1", "Kubernetes", "n1"), endpoint("10.0.0.1", "other", "n2"),
            endpoint("10.0.0.2", "other", "n2"),
        ])
        mesh.snapshot.topology = MeshTopology(
            gateways: ["n2": [NetworkGateway(address: "2.2.2.2", port: 15443)]], remoteClusters: ["other"])
        return mesh
    }

    private func called(_ mesh: Mesh, cluster: String, network: String, subset: String = "") throws -> [String] {
        var proxy = mesh.sidecar(at: ["10.0.0.9"])
        proxy.clusterID = cluster
        proxy.network = network
        let name = "outbound|9080|\(subset)|reviews.default.svc.cluster.local"
        let assignment = try #require(try mesh.resources(for: proxy).endpoints(name))
        return assignment.endpoints.flatMap(\.lbEndpoints).map { endpoint in
            let address = endpoint.endpoint.address.socketAddress
            let isMutualTLS = endpoint.metadata.filterMetadata["envoy.transport_socket_match"] != nil
            return
                "\(address.address):\(address.portValue) x\(endpoint.loadBalancingWeight.value)\(isMutualTLS ? " mTLS" : "")"
        }
    }

    @Test func endpointsElsewhereAreCalledThroughTheirGateway() throws {
        let mesh = mesh()
        #expect(
            try called(mesh, cluster: "Kubernetes", network: "n1") == [
                "10.0.0.1:9080 x1 mTLS", "2.2.2.2:15443 x2 mTLS",
            ])
        // The gateway of the own network is nobody's detour.
        #expect(
            try called(mesh, cluster: "other", network: "n2") == [
                "10.0.0.1:9080 x1 mTLS", "10.0.0.1:9080 x1 mTLS", "10.0.0.2:9080 x1 mTLS",
            ])
    }

    @Test func clustersCanBeSubsets() throws {
        var mesh = mesh()
        let rule = try Mesh(
            yaml: """
                {apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: r},
                 spec: {host: reviews.default.svc.cluster.local, subsets: [{name: other, labels: {topology.istio.io/cluster: other}}]}}
                """)
        mesh.snapshot.configuration.destinationRules = rule.snapshot.configuration.destinationRules
        #expect(try called(mesh, cluster: "Kubernetes", network: "n1", subset: "other") == ["2.2.2.2:15443 x2 mTLS"])
    }

    @Test func hostsCanStayWithinTheirCluster() throws {
        var mesh = mesh()
        mesh.snapshot.settings.clusterLocalHosts = ["*.default.svc.cluster.local": true]
        #expect(try called(mesh, cluster: "Kubernetes", network: "n1") == ["10.0.0.1:9080 x1 mTLS"])
        #expect(try called(mesh, cluster: "other", network: "n1") == ["2.2.2.2:15443 x2 mTLS"])
    }

    @Test func everyClusterCallsItsOwnVirtualIP() throws {
        let mesh = mesh()
        var proxy = mesh.sidecar(at: ["10.0.0.9"])
        proxy.clusterID = "other"
        let domains = try mesh.resources(for: proxy).domains("9080")
        #expect(domains.contains("10.97.0.3") && !domains.contains("10.96.0.3"))
    }
}
