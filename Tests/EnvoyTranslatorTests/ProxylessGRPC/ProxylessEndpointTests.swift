import EnvoyAPI
import EnvoyTranslator
import KubernetesModel
import MeshModel
import Testing

/// Two clusters on networks of their own, where Pods may have the same addresses.
@Suite("Which endpoints gRPC clients without proxies are told")
struct ProxylessEndpointTests {
    private let key = ServiceKey(hostname: "reviews.default.svc.cluster.local", namespace: "default")

    private func endpoint(
        _ address: String, network: String = "", labels: [String: String] = [:], health: Endpoint.Health = .ready,
        isMutualTLS: Bool = true
    ) -> Endpoint {
        var endpoint = Endpoint(address: address, port: 9080, labels: labels)
        endpoint.isMutualTLS = isMutualTLS
        endpoint.network = network
        endpoint.health = health
        return endpoint
    }

    private func mesh(_ endpoints: [Endpoint], _ configuration: String = "") throws -> Mesh {
        var mesh = try Mesh(yaml: configuration)
        mesh.add(
            "reviews", addresses: ["10.96.0.3"], ports: [ServicePort(name: "grpc", number: 9080, meshProtocol: .grpc)])
        mesh.snapshot.endpoints[EndpointKey(service: key, portName: "grpc")] = EndpointSet(endpoints)
        return mesh
    }

    @Test("Those behind gateways are left out, and of one address and port there is one")
    func networks() throws {
        var mesh = try mesh([
            endpoint("10.0.0.1", network: "n1"), endpoint("10.0.0.1", network: "n2"),
            endpoint("10.0.0.2", network: "n2"), endpoint("fd00::1", network: "n1"),
            endpoint("fd00:0::1", network: "n2"),
            endpoint("10.0.0.3", network: "n1", health: .unready), endpoint("10.0.0.3", network: "n2"),
            endpoint("", network: "n2"),
        ])
        mesh.snapshot.topology = MeshTopology(
            gateways: ["n2": [NetworkGateway(address: "2.2.2.2", port: 15443)]], remoteClusters: ["other"])
        func called(from network: String) throws -> [String] {
            var client = mesh.application()
            client.addresses.append("fd00::9")
            client.network = network
            let assignment = try mesh.resources(for: client).endpoints("outbound|9080||\(key.hostname)")
            return try #require(assignment).endpoints.flatMap(\.lbEndpoints)
                .map(\.endpoint.address.socketAddress.address).sorted()
        }
        #expect(try called(from: "n1") == ["10.0.0.1", "fd00::1"])
        // All are called directly from where no gateway leads elsewhere, or where the client does not say where it is.
        for network in ["n2", ""] {
            let found = try called(from: network)
            #expect(Set(found.compactMap { IPAddress($0) }).count == 4 && found.count == 4)
        }
    }

    @Test("A cluster speaks mutual TLS if all it calls can, none must not, and one must")
    func security() throws {
        let rule = """
            {apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: r, namespace: default},
             spec: {host: reviews, subsets: [{name: v1, labels: {v: '1'}}, {name: v2, labels: {v: '2'}}]}}
            """
        func policy(_ version: Int, _ mode: String) -> String {
            """
            ---
            {apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: p\(version), namespace: default},
             spec: {selector: {matchLabels: {v: '\(version)'}}, mtls: {mode: \(mode)}}}

            """
        }
        let (v1, v2) = (endpoint("10.0.0.1", labels: ["v": "1"]), endpoint("10.0.0.2", labels: ["v": "2"]))
        /// Whether the whole, v1 and v2 are called by mutual TLS.
        func isSecure(_ endpoints: [Endpoint], _ policies: String) throws -> [Bool] {
            let mesh = try mesh(endpoints, "\(rule)\n\(policies)")
            let resources = try mesh.resources(for: mesh.application())
            return try ["", "v1", "v2"].map {
                try #require(resources.cluster("outbound|9080|\($0)|\(key.hostname)")).hasTransportSocket
            }
        }
        let strict = policy(1, "STRICT")
        #expect(try isSecure([v1, v2], policy(1, "PERMISSIVE")) == [false, false, false])
        #expect(try isSecure([v1, v2], strict) == [true, true, false])
        #expect(try isSecure([v1, v2], strict + policy(2, "DISABLE")) == [false, true, false])
        let plain = endpoint("10.0.0.3", labels: ["v": "2"], isMutualTLS: false)
        #expect(try isSecure([v1, v2, plain], strict) == [false, true, false])
        #expect(try isSecure([v1, v2, plain], strict + policy(2, "STRICT")) == [false, true, false])
        let unready = endpoint("10.0.0.3", labels: ["v": "2"], health: .unready, isMutualTLS: false)
        #expect(try isSecure([v1, v2, unready], strict) == [true, true, false])
    }
}
