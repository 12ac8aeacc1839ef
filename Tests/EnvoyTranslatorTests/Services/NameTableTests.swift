import EnvoyAPI
import EnvoyTranslator
import KubernetesModel
import MeshModel
import SwiftProtobuf
import Testing

@Suite struct NameTableTests {
    private func table(_ mesh: Mesh, metadata: JSONValue = ["DNS_CAPTURE": "true"]) throws -> [String:
        Istio_Networking_Nds_V1_NameTable.NameInfo]?
    {
        var proxy = mesh.sidecar(at: ["10.0.0.1"])
        proxy.metadata = metadata
        let resources = try xdsResources(for: proxy, view: mesh.snapshot.view(of: proxy), in: mesh.snapshot)
        let tables = try #require(resources[Istio_Networking_Nds_V1_NameTable.typeURL])
        #expect(tables.count <= 1)
        return (tables.first?.message as? Istio_Networking_Nds_V1_NameTable)?.table
    }

    @Test func namesAreThoseOfServicesInReach() throws {
        let mesh = try Mesh(
            yaml: Mesh.service("a", "10.1.0.1") + Mesh.service("far", "10.1.0.2", in: "far")
                + "{apiVersion: v1, kind: Service, metadata: {name: out}, spec: {type: ExternalName, externalName: x.com}}\n---\n"
                + Mesh.entry(
                    "e",
                    "{hosts: [e.com, \"*.e.com\"], addresses: [10.9.0.1, 10.8.0.0/16], ports: [{number: 80, name: h}]}")
                + Mesh.entry("f", "{hosts: [f.com], resolution: DNS, ports: [{number: 80, name: h}]}"))
        let names = try #require(try table(mesh))
        #expect(
            names.keys.sorted() == [
                "*.e.com", "a.default.svc.cluster.local", "e.com", "far.far.svc.cluster.local",
            ])
        let own = try #require(names["a.default.svc.cluster.local"])
        #expect(
            own.ips == ["10.1.0.1"] && own.registry == "Kubernetes" && own.shortname == "a"
                && own.namespace == "default")
        let entry = try #require(names["e.com"])
        #expect(entry.ips == ["10.9.0.1"] && entry.registry == "External" && entry.shortname.isEmpty)
        #expect(try table(mesh, metadata: [:]) == nil)

        let scoped = try Mesh(
            yaml: Mesh.service("a", "10.1.0.1") + Mesh.service("b", "10.1.0.2")
                + Mesh.sidecar("{egress: [{hosts: [./b.default.svc.cluster.local]}]}"))
        #expect(try table(scoped)?.keys.sorted() == ["b.default.svc.cluster.local"])
    }

    @Test func membersOfHeadlessServicesHaveNames() throws {
        let mesh = try Mesh(
            yaml: """
                {apiVersion: v1, kind: Service, metadata: {name: zk}, spec: {clusterIP: None, ports: [{name: tcp, port: 2181}]}}
                ---
                {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: zk, labels: {kubernetes.io/service-name: zk}},
                 addressType: IPv4, ports: [{name: tcp, port: 2181}],
                 endpoints: [{addresses: [10.2.0.1], hostname: zk-0, conditions: {ready: true}},
                   {addresses: [10.2.0.2], hostname: zk-1, conditions: {ready: true}},
                   {addresses: [10.2.0.3], hostname: zk-2, conditions: {ready: false}}]}
                """)
        let names = try #require(try table(mesh))
        #expect(names["zk.default.svc.cluster.local"]?.ips == ["10.2.0.1", "10.2.0.2"])
        #expect(names["zk-0.zk.default.svc.cluster.local"]?.ips == ["10.2.0.1"])
        #expect(names["zk-1.zk.default.svc.cluster.local"]?.shortname == "zk-1.zk")
        #expect(names["zk-2.zk.default.svc.cluster.local"] == nil)
    }
}
