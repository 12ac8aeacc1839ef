import EnvoyTranslator
import KubernetesModel
import MeshModel
import Testing

@Suite struct TemporaryTimings {
    @Test func timings() throws {
        for count in [1000, 5000] {
            for rules in [0, count / 5] {
                var mesh = Mesh()
                for index in 0..<count {
                    mesh.add(
                        "s\(index)", in: "n\(index % 50)", addresses: ["10.\(index / 250).\(index % 250).1"],
                        ports: [ServicePort(name: "http", number: 80, meshProtocol: .http)],
                        pods: ["10.1.\(index / 250).\(index % 250)", "10.2.\(index / 250).\(index % 250)"])
                }
                for index in 0..<rules {
                    let key = ObjectKey(namespace: "n\(index % 50)", name: "r\(index)")
                    var rule = DestinationRule(
                        origin: .init(ObjectReference(GroupKind(group: "", kind: ""), key)),
                        host: "s\(index).n\(index % 50).svc.cluster.local")
                    rule.subsets = [.init(name: "v1", labels: ["version": "v1"]), .init(name: "v2", labels: ["version": "v2"])]
                    rule.policy = TrafficPolicy()
                    rule.policy?.outlierDetection = OutlierDetection()
                    mesh.snapshot.configuration.destinationRules[key] = rule
                }
                let proxy = mesh.sidecar(of: "x", in: "n0", at: ["10.9.9.9"])
                let view = mesh.snapshot.view(of: proxy)
                let traits = OutboundTraits(view, in: mesh.snapshot)
                let clock = ContinuousClock()
                let preference = EndpointPreference(proxy, in: mesh.snapshot)
                let all = clock.measure { _ = endpointPlan(for: traits, preference: preference, in: mesh.snapshot) }
                let whole = clock.measure { _ = outboundPlan(for: traits, in: mesh.snapshot) }
                var alone = mesh.snapshot
                let key = ServiceKey(hostname: "s0.n0.svc.cluster.local", namespace: "n0")
                alone.services = alone.services.filter { $0.key == key }
                let one = clock.measure {
                    for _ in 0..<100 { _ = endpointPlan(for: traits, preference: preference, in: alone) }
                }
                print("TIMES \(count) services \(rules) rules: endpoints \(all), outbound \(whole), one service's endpoints \(one / 100)")
            }
        }
    }
}
