import KubernetesModel
import MeshModel
import Testing

@Suite struct SidecarViewTests {
    private func sidecar(
        _ name: String, in namespace: String, selecting labels: [String: String] = [:], created: String = "",
        _ hosts: String...
    ) -> Sidecar {
        let reference = ObjectReference(
            GroupKind(group: "networking.istio.io", kind: "Sidecar"), ObjectKey(namespace: namespace, name: name))
        return Sidecar(
            origin: ConfigurationOrigin(reference, created: created), workloadSelector: labels,
            egress: hosts.isEmpty ? [] : [.init(hosts: hosts)])
    }

    private func mesh(_ sidecars: Sidecar...) -> MeshSnapshot {
        var mesh = MeshSnapshot()
        for sidecar in sidecars { mesh.configuration.sidecars[sidecar.origin.reference.key] = sidecar }
        return mesh
    }

    private func egress(_ mesh: MeshSnapshot, namespace: String = "shop", labels: [String: String] = [:]) -> String {
        let view = mesh.view(
            of: Proxy(kind: .sidecar, name: "a", namespace: namespace, addresses: ["10.0.0.1"], labels: labels))
        guard case .hosts(let hosts) = view.outbound.egress else { return "all" }
        return hosts.map(\.description).joined(separator: " ")
    }

    @Test func theNearestSidecarCounts() {
        let mesh = mesh(
            sidecar("default", in: "istio-system", "./*", "istio-system/*"), sidecar("default", in: "shop", "./a"),
            sidecar("young", in: "shop", selecting: ["app": "a"], created: "2026-01-01T00:00:00Z", "./young"),
            sidecar("old", in: "shop", selecting: ["app": "a"], created: "2025-01-01T00:00:00Z", "./old"))
        #expect(egress(mesh, labels: ["app": "a"]) == "shop/old")
        #expect(egress(mesh, labels: ["app": "b"]) == "shop/a")
        // A dot is the workload's own namespace, not the Sidecar's.
        #expect(egress(mesh, namespace: "far", labels: ["app": "a"]) == "far/* istio-system/*")
        #expect(egress(MeshSnapshot()) == "all")
    }

    @Test func gatewaysHaveNone() {
        let mesh = mesh(sidecar("default", in: "shop", "./a"))
        let gateway = Proxy(kind: .router, name: "g", namespace: "shop", addresses: ["10.0.0.1"])
        #expect(mesh.view(of: gateway).outbound.egress == .all)
    }

    @Test func equalSidecarsGiveEqualScopes() {
        let left = mesh(sidecar("x", in: "shop", "./b", "./a"))
        let right = mesh(sidecar("y", in: "shop", "./a", "./b", "./a"))
        let proxy = Proxy(kind: .sidecar, name: "a", namespace: "shop", addresses: ["10.0.0.1"])
        #expect(left.view(of: proxy) == right.view(of: proxy))
    }

    @Test func allocatedAddressesCountForProxiesThatAnswerQueries() {
        var mesh = MeshSnapshot()
        var service = MeshService(name: "x", namespace: "shop", hostname: "x.com", resolution: .dns)
        service.allocatedAddresses = ["240.240.0.1"]
        mesh.services[service.key] = service
        func addresses(_ metadata: JSONValue, recorded: Bool = true) -> [String] {
            mesh.settings.recordsAllocatedAddresses = recorded
            var proxy = Proxy(kind: .sidecar, name: "a", namespace: "shop", addresses: ["10.0.0.1"])
            proxy.metadata = metadata
            return mesh.services(visibleTo: mesh.view(of: proxy).outbound).flatMap(\.addresses)
        }
        #expect(addresses([:]) == [])
        #expect(addresses(["DNS_CAPTURE": "true"]) == ["240.240.0.1"])
        #expect(addresses(["DNS_CAPTURE": "true"], recorded: false) == [])
        #expect(addresses(["DNS_CAPTURE": "true", "DNS_AUTO_ALLOCATE": "true"], recorded: false) == ["240.240.0.1"])
    }

    @Test func kubernetesKeepsItsHostNames() {
        func service(_ namespace: String, kind: String, group: String, created: String) -> MeshService {
            var service = MeshService(
                name: "a", namespace: namespace, hostname: "a.shop.svc.cluster.local",
                origin: ObjectReference(
                    GroupKind(group: group, kind: kind), ObjectKey(namespace: namespace, name: "a")))
            service.created = created
            return service
        }
        let real = service("shop", kind: "Service", group: "", created: "2026-01-01T00:00:00Z")
        let claimed = service(
            "evil", kind: "ServiceEntry", group: "networking.istio.io", created: "2020-01-01T00:00:00Z")
        let mesh = MeshSnapshot(services: [real.key: real, claimed.key: claimed])
        func owner(_ namespace: String) -> [String] {
            mesh.services(visibleTo: OutboundScope(namespace: namespace, dnsDomain: "")).map(\.namespace)
        }
        #expect(owner("far") == ["shop"])
        #expect(owner("shop") == ["shop"])
        #expect(owner("evil") == ["evil"])
    }
}
