import KubernetesModel
import MeshModel
import Testing

@Suite("VirtualServices found by host")
struct VirtualServiceIndexTests {
    private func service(
        _ name: String, in namespace: String = "a", hosts: [String], created: String = "", seenBy: [String]? = nil,
        gateways: [String] = [VirtualService.mesh]
    ) -> VirtualService {
        let reference = ObjectReference(
            GroupKind(group: "networking.istio.io", kind: "VirtualService"),
            ObjectKey(namespace: namespace, name: name))
        var service = VirtualService(
            origin: ConfigurationOrigin(reference, created: created), hosts: hosts, gateways: gateways)
        if let seenBy { service.visibility = Visibility(exportTo: seenBy, in: namespace) }
        return service
    }

    private func index(
        _ services: [VirtualService], namespace: String = "a", gateway: String = VirtualService.mesh,
        egress: OutboundScope.Egress = .all
    ) -> VirtualServiceIndex {
        var configuration = MeshConfiguration()
        for service in services { configuration.virtualServices[service.origin.reference.key] = service }
        return VirtualServiceIndex(
            configuration, gateway: gateway,
            scope: OutboundScope(namespace: namespace, dnsDomain: "\(namespace).svc.cluster.local", egress: egress))
    }

    private func names(_ services: [VirtualService]) -> [String] { services.map(\.origin.name) }

    @Test("The older wins, wherever it is; what is for few wins over what is for all")
    func precedence() {
        let all = [
            service("young", hosts: ["h"], created: "2026-02-01T00:00:00Z"),
            service("old", in: "b", hosts: ["h"], created: "2026-01-01T00:00:00Z"),
            service("given", in: "b", hosts: ["h"], created: "2026-03-01T00:00:00Z", seenBy: ["a"]),
            service("own", hosts: ["h"], created: "2026-04-01T00:00:00Z", seenBy: ["."]),
            service("hidden", in: "b", hosts: ["h"], created: "2025-01-01T00:00:00Z", seenBy: ["."]),
            service("ageless", hosts: ["h"]),
        ]
        #expect(names(index(all).virtualServices) == ["own", "given", "old", "young", "ageless"])
        #expect(names(index(all, namespace: "c").virtualServices) == ["old", "young", "ageless"])
    }

    @Test("A host's own objects count before patterns, a narrow pattern before a wide one")
    func patterns() {
        let index = index([
            service("wide", hosts: ["*.com"], created: "2026-01-01T00:00:00Z"),
            service("narrow", hosts: ["*.b.com"], created: "2026-02-01T00:00:00Z"),
            service("second narrow", hosts: ["*.b.com"], created: "2026-03-01T00:00:00Z"),
            service("exact", hosts: ["a.b.com"], created: "2026-04-01T00:00:00Z"),
            service("second exact", hosts: ["x", "a.b.com"], created: "2026-05-01T00:00:00Z"),
        ])
        #expect(names(index.virtualServices(for: "a.b.com")) == ["exact", "second exact"])
        #expect(names(index.virtualServices(for: "c.b.com")) == ["narrow"])
        #expect(names(index.virtualServices(for: "*.b.com")) == ["narrow"])
        #expect(names(index.virtualServices(for: "d.com")) == ["wide"])
        #expect(index.virtualServices(for: "com").isEmpty)
        #expect(names(index.matching("a.b.com")) == ["wide", "narrow", "second narrow", "exact", "second exact"])
        #expect(names(index.matching("*.b.com")).contains("exact"))
    }

    @Test("Sidecars apply what is for the mesh, gateways what names them; imports are asked for sidecars alone")
    func gateways() {
        let all = [
            service("both", hosts: ["x.com"], gateways: [VirtualService.mesh, "a/front"]),
            service("front", hosts: ["y.com"], gateways: ["a/front"]), service("mesh", hosts: ["z.com"]),
        ]
        #expect(names(index(all).virtualServices) == ["both", "mesh"])
        #expect(names(index(all, gateway: "a/front").virtualServices) == ["both", "front"])
        let imports = OutboundScope.Egress.hosts([HostImport(namespace: "*", host: "z.com")])
        #expect(names(index(all, egress: imports).virtualServices) == ["mesh"])
        #expect(names(index(all, gateway: "a/front", egress: imports).virtualServices) == ["both", "front"])
    }

    @Test("The table counts what tells clients apart, through every change")
    func labelKeys() {
        var table = VirtualServices()
        var one = service("one", hosts: ["h"])
        one.http = [
            HTTPRule(
                matches: [HTTPMatch(client: ClientMatch(labels: ["app": "x", "version": "v1"]))], outcome: .forward([]))
        ]
        var two = service("two", hosts: ["h"])
        two.tcp = [
            ConnectionRule(matches: [ConnectionMatch(client: ClientMatch(labels: ["app": "y"]))], destinations: [])
        ]
        table[one.origin.reference.key] = one
        table[two.origin.reference.key] = two
        #expect(table.clientLabelKeys == ["app", "version"])
        table[one.origin.reference.key] = nil
        #expect(table.clientLabelKeys == ["app"])
        table[two.origin.reference.key] = one
        #expect(table.clientLabelKeys == ["app", "version"])
        table[two.origin.reference.key] = nil
        #expect(table.clientLabelKeys == [] && table.applied(by: VirtualService.mesh).isEmpty)
    }
}
