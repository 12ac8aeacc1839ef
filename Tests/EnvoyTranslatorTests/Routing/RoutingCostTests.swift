import EnvoyTranslator
import KubernetesModel
import MeshModel
import Testing

@Suite("What routes cost")
struct RoutingCostTests {
    /// Services, each with a VirtualService of its own.
    private func snapshot(_ count: Int) -> MeshSnapshot {
        var mesh = Mesh()
        for number in 0..<count {
            let name = "service-\(number)"
            mesh.add(
                name, in: "namespace-\(number % 50)",
                addresses: ["10.\(number / 62500).\(number / 250 % 250).\(number % 250)"],
                ports: [ServicePort(name: "http", number: 8000 + number % 20, meshProtocol: .http)])
            let host = "\(name).namespace-\(number % 50).svc.cluster.local"
            let key = ObjectKey(namespace: "namespace-\(number % 50)", name: name)
            var service = VirtualService(
                origin: ConfigurationOrigin(
                    ObjectReference(GroupKind(group: "networking.istio.io", kind: "VirtualService"), key)),
                hosts: [host])
            service.http = [HTTPRule(outcome: .forward([WeightedDestination(RouteDestination(host: host))]))]
            mesh.snapshot.configuration.virtualServices[key] = service
        }
        return mesh.snapshot
    }

    @Test("A plan takes about as long for each service in a large mesh as in a small one")
    func growth() {
        func time(_ count: Int) -> Duration {
            let snapshot = snapshot(count)
            let proxy = Proxy(kind: .sidecar, name: "p", namespace: "namespace-1", addresses: ["10.99.0.1"])
            let traits = OutboundTraits(snapshot.view(of: proxy), in: snapshot)
            let clock = ContinuousClock()
            return (0..<3).map { _ in clock.measure { _ = outboundPlan(for: traits, in: snapshot) } }.min() ?? .zero
        }
        let small = time(250)
        let large = time(4000)
        // Sixteen times the services; a loop of services over rules would take 256 times as long.
        #expect(large < small * 100, "250: \(small), 4000: \(large)")
    }
}
