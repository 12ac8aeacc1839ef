import EnvoyAPI
import KubernetesModel
import MeshModel
import MeshTranslator
import SwiftProtobuf
import Testing

@Suite("EnvoyFilters that name what they are for")
struct EnvoyFilterTargetTests {
    private static let cluster = "outbound|9080||reviews.default.svc.cluster.local"

    private func filter(_ namespace: String, targets: String) -> String {
        EnvoyFilterTests.filter(
            namespace: namespace, spec: "targetRefs: [\(targets)]",
            patches: """
                - applyTo: CLUSTER
                  patch: {operation: MERGE, value: {connect_timeout: 7s}}
                """)
    }

    private func gateway(_ name: String, in namespace: String = "default", class named: String = "istio") -> Proxy {
        Proxy(
            kind: .router, name: "\(name)-0", namespace: namespace, addresses: ["10.244.9.1"],
            labels: [
                "gateway.networking.k8s.io/gateway-name": name, "gateway.networking.k8s.io/gateway-class-name": named,
            ])
    }

    private func isPatched(_ proxy: Proxy, in mesh: Mesh) throws -> Bool {
        try #require(mesh.resources(for: proxy).cluster(Self.cluster)).connectTimeout == .init(seconds: 7)
    }

    @Test func aGatewayOfItsNamespace() throws {
        let target = "{group: gateway.networking.k8s.io, kind: Gateway, name: edge}"
        let mesh = try Mesh.bookinfo.configured(filter("default", targets: target))
        #expect(try isPatched(gateway("edge"), in: mesh))
        #expect(try !isPatched(gateway("other"), in: mesh))
        #expect(try !isPatched(gateway("edge", in: "stars"), in: mesh))
        #expect(try !isPatched(mesh.sidecar(), in: mesh))
        // Of the root namespace it is for Gateways of the root namespace.
        let rooted = try Mesh.bookinfo.configured(filter("istio-system", targets: target))
        #expect(try !isPatched(gateway("edge"), in: rooted))
        #expect(try isPatched(gateway("edge", in: "istio-system"), in: rooted))
    }

    @Test func oneOfSeveral() throws {
        let mesh = try Mesh.bookinfo.configured(
            filter(
                "default",
                targets: """
                    {group: gateway.networking.k8s.io, kind: Gateway, name: a},
                    {group: gateway.networking.k8s.io, kind: Gateway, name: b}
                    """))
        #expect(try ["a", "b", "c"].map { try isPatched(gateway($0), in: mesh) } == [true, true, false])
    }

    @Test func allGatewaysOfAClass() throws {
        let target = "{group: gateway.networking.k8s.io, kind: GatewayClass, name: istio}"
        let mesh = try Mesh.bookinfo.configured(filter("istio-system", targets: target))
        #expect(try isPatched(gateway("edge"), in: mesh))
        #expect(try isPatched(gateway("other", in: "stars"), in: mesh))
        #expect(try !isPatched(gateway("remote", class: "istio-remote"), in: mesh))
        #expect(try !isPatched(mesh.sidecar(), in: mesh))
    }

    @Test(arguments: [
        ("{kind: Service, name: reviews}", "a Service is seen by waypoints alone"),
        ("{group: networking.istio.io, kind: ServiceEntry, name: x}", "a ServiceEntry is seen by waypoints alone"),
        ("{group: gateway.networking.k8s.io, kind: GatewayClass, name: istio}", "counts in the root namespace"),
        ("{group: apps, kind: Deployment, name: x}", "Deployment of apps cannot be what this is for"),
    ])
    func whatCannotBeMeantIsTold(target: String, message: String) throws {
        var objects = ClusterObjects()
        for document in try JSONValue.documents(yaml: filter("default", targets: target)) {
            #expect(objects.add(UnstructuredObject(document)) == [])
        }
        let translation = MeshTranslation(objects)
        let told = translation.diagnostics.values.flatMap(\.self)
        #expect(told.map(\.path) == ["spec.targetRefs[0]"])
        #expect(told.first?.message.contains(message) == true)
        #expect(told.first?.severity == .warning)
        var mesh = Mesh.bookinfo
        mesh.snapshot.configuration = translation.snapshot.configuration
        #expect(try !isPatched(gateway("reviews"), in: mesh))
        #expect(try !isPatched(mesh.sidecar(), in: mesh))
    }
}
