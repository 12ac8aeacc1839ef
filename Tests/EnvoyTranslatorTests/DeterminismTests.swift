import EnvoyAPI
import EnvoyTranslator
import MeshModel
import SwiftProtobuf
import Testing

@Suite("Inputs and bytes")
struct DeterminismTests {
    @Test("A mesh put together in another order gives the same bytes")
    func orderDoesNotShow() throws {
        let mesh = Mesh.menagerie
        var shuffled = Mesh()
        shuffled.snapshot.settings = mesh.snapshot.settings
        for (key, service) in mesh.snapshot.services.sorted(by: { $1.key < $0.key }) {
            shuffled.snapshot.services[key] = service
        }
        for (key, endpoints) in mesh.snapshot.endpoints.sorted(by: { $1.key < $0.key }) {
            shuffled.snapshot.endpoints[key] = EndpointSet(endpoints.endpoints.reversed())
        }
        func bytes(_ mesh: Mesh) throws -> [String: [[UInt8]]] {
            let proxy = mesh.sidecar()
            return try xdsResources(for: proxy, view: mesh.snapshot.view(of: proxy), in: mesh.snapshot)
                .mapValues { try $0.map { try $0.message.stableBytes() } }
        }
        #expect(try bytes(mesh) == bytes(shuffled))
    }

    @Test("An input says name and type of its resource, and no two have the same")
    func inputsNameResources() throws {
        let mesh = Mesh.menagerie
        let proxy = mesh.sidecar()
        let plan = resourcePlan(
            for: mesh.snapshot.view(of: proxy), preference: EndpointPreference(proxy), in: mesh.snapshot)
        for input in plan.all { #expect(type(of: try input.message()).typeURL == input.typeURL) }
        #expect(Set(plan.all.map { "\($0.typeURL) \($0.name)" }).count == plan.all.count)
        let resources = try mesh.resources(for: proxy)
        #expect(resources.clusters.map(\.name) == plan.clusters.map(\.name))
        #expect(resources.listeners.map(\.name) == plan.listeners.map(\.name))
        #expect(resources.endpoints.map(\.clusterName) == plan.endpoints.map(\.name))
        #expect(resources.routes.map(\.name) == plan.routes.map(\.name))
    }

    @Test("An endpoint that comes changes the endpoints of its service alone")
    func endpointsStandAlone() throws {
        var mesh = Mesh.bookinfo
        let proxy = mesh.sidecar()
        func plan(_ mesh: Mesh) -> Set<ResourceInput> {
            Set(
                resourcePlan(
                    for: mesh.snapshot.view(of: proxy), preference: EndpointPreference(proxy), in: mesh.snapshot
                ).all)
        }
        let before = plan(mesh)
        let key = EndpointKey(
            service: ServiceKey(hostname: "reviews.default.svc.cluster.local", namespace: "default"), portName: "http")
        var endpoints = try #require(mesh.snapshot.endpoints[key]?.endpoints)
        var another = endpoints[0]
        another.address = "10.244.0.99"
        endpoints.append(another)
        mesh.snapshot.endpoints[key] = EndpointSet(endpoints)
        #expect(
            plan(mesh).subtracting(before).map(\.name) == ["outbound|9080||reviews.default.svc.cluster.local"])
    }

    @Test("The endpoints of one service can be had without those of the others")
    func endpointsOfOneService() throws {
        let snapshot = Mesh.bookinfo.snapshot
        let proxy = Mesh.bookinfo.sidecar()
        let key = ServiceKey(hostname: "reviews.default.svc.cluster.local", namespace: "default")
        var alone = snapshot
        alone.services = alone.services.filter { $0.key == key }
        let preference = EndpointPreference(proxy)
        let view = snapshot.view(of: proxy)
        let one = endpointPlan(for: OutboundTraits(view, in: snapshot), preference: preference, in: alone)
        #expect(one.map(\.name) == ["outbound|9080||reviews.default.svc.cluster.local"])
        let plan = resourcePlan(for: view, preference: preference, in: snapshot)
        #expect(plan.endpoints.contains { $0 == one.first })
    }
}
