import ControlPlane
import EnvoyAPI
import KubernetesModel
import MeshDiscovery
import MeshModel
import MeshTranslator
import SwiftProtobuf
import Testing
import XDSServer

/// Hosts that proxies look up themselves are part of their clusters: proxies in different places have different ones, as
/// long as anything asks for it.
@Suite struct PlacedNamesTests {
    private static let entry = """
        {apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: e, namespace: a},
         spec: {hosts: [e.example], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS,
                endpoints: [{address: one.example, locality: r1}, {address: two.example, locality: r2}]}}
        """
    private static let anywhere = entry.replacing(", locality: r1", with: "").replacing(", locality: r2", with: "")
    private static let rule = """
        {apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: e, namespace: a},
         spec: {host: e.example, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 5}}}}
        """

    private func change(_ yaml: String, isRemoval: Bool = false) throws -> ObjectChange {
        let object = ConfigurationObject(UnstructuredObject(try JSONValue.documents(yaml: yaml)[0]))
        return .configuration(object.reference, isRemoval ? nil : object)
    }

    private func proxy(_ region: String) -> Proxy {
        var proxy = Proxy(kind: .sidecar, name: "p", namespace: "a", addresses: ["10.1.0.1"])
        proxy.locality = Locality(parsing: region)
        return proxy
    }

    /// The hosts of the entry's cluster, the preferred ones first.
    private func hosts(_ cache: ResourceCache?) throws -> [[String]] {
        let body = try #require(cache?[.cluster, "outbound|80||e.example"]?.body)
        let cluster = try Envoy_Config_Cluster_V3_Cluster(serializedBytes: body)
        let groups = Dictionary(grouping: cluster.loadAssignment.endpoints, by: \.priority)
        return groups.sorted { $0.key < $1.key }.map { group in
            group.value.flatMap(\.lbEndpoints).map(\.endpoint.address.socketAddress.address).sorted()
        }
    }

    @Test func eachPlaceHasItsOwnOrderWhileItIsAskedFor() throws {
        var resources = ProxyResources(MeshTranslation())
        let ids = ["r1", "r2"].map { resources.connect(proxy($0)).id }
        func orders() throws -> [[[String]]] { try ids.map { try hosts(resources.resources(of: $0)) } }
        let even = [[["one.example", "two.example"]], [["one.example", "two.example"]]]
        let ordered = [[["one.example"], ["two.example"]], [["two.example"], ["one.example"]]]

        _ = resources.apply([try change(Self.entry)], now: .now)
        #expect(try orders() == even)
        #expect(resources.apply([try change(Self.rule)], now: .now) == Set(ids))
        #expect(try orders() == ordered)
        #expect(resources.apply([try change(Self.anywhere)], now: .now) == Set(ids))
        #expect(try orders() == even)
        #expect(resources.apply([try change(Self.entry)], now: .now) == Set(ids))
        #expect(try orders() == ordered)
        #expect(try hosts(resources.connect(proxy("r2")).resources) == ordered[1])
        #expect(resources.apply([try change(Self.rule, isRemoval: true)], now: .now).isSuperset(of: ids))
        #expect(try orders() == even)
    }
}
