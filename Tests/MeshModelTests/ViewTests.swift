import KubernetesModel
import MeshModel
import Testing

@Suite struct ViewTests {
    private let web = ServicePort(name: "http", number: 80, meshProtocol: .http, target: .name("web"))

    private func service(_ name: String, namespace: String = "shop", _ ports: [ServicePort] = []) -> MeshService {
        MeshService(
            name: name, namespace: namespace, hostname: "\(name).\(namespace).svc.cluster.local",
            addresses: ["10.0.0.1"], ports: ports)
    }

    private func snapshot(_ services: [MeshService]) -> MeshSnapshot {
        MeshSnapshot(services: Dictionary(uniqueKeysWithValues: services.map { ($0.key, $0) }))
    }

    private func proxy(_ name: String, _ address: String, _ labels: [String: String] = ["app": "a"]) -> Proxy {
        Proxy(kind: .sidecar, name: name, namespace: "shop", addresses: [address], labels: labels)
    }

    @Test func selectorsMakeAServiceItsOwn() {
        var selecting = service("a", [web])
        selecting.selector = ["app": "a"]
        var other = service("b", [web])
        other.selector = ["app": "b"]
        var elsewhere = service("c", namespace: "far", [web])
        elsewhere.selector = ["app": "a"]
        var mesh = snapshot([selecting, other, elsewhere, service("d", [web])])
        let proxy = proxy("a-1", "10.1.0.1")
        // Nobody says which port the name stands for.
        #expect(mesh.instances(of: proxy) == [])

        var workload = Workload(name: "a-1", namespace: "shop", addresses: ["10.1.0.1"], labels: ["app": "a"])
        workload.namedPorts = ["web": 8080]
        mesh.workloads["10.1.0.1"] = workload
        let instance = ServiceInstance(service: selecting.key, serviceName: "a", port: web, targetPort: 8080)
        #expect(mesh.instances(of: proxy) == [instance])
    }

    @Test func itsOwnEndpointMakesAServiceItsOwn() {
        var mesh = snapshot([service("a", [web])])
        mesh.endpoints[EndpointKey(service: service("a").key, portName: "http")] = EndpointSet([
            Endpoint(address: "10.1.0.1", port: 9090)
        ])
        #expect(mesh.instances(of: proxy("x", "10.1.0.1")).map(\.targetPort) == [9090])
        #expect(mesh.instances(of: proxy("y", "10.1.0.2")) == [])
    }

    @Test func theOlderServiceComesFirst() {
        let port = ServicePort(name: "http", number: 80, meshProtocol: .http)
        var services = ["a", "b", "c"].map { service($0, [port]) }
        for index in services.indices { services[index].selector = ["app": "a"] }
        services[1].created = "2025-01-01T00:00:00Z"
        services[2].created = "2024-01-01T00:00:00Z"
        #expect(snapshot(services).instances(of: proxy("a-1", "10.1.0.1")).map(\.serviceName) == ["c", "b", "a"])
    }

    @Test func proxiesOfOneWorkloadHaveOneView() {
        let mesh = snapshot([service("a", [web])])
        var labels = ["app": "a", "statefulset.kubernetes.io/pod-name": "a-0"]
        var first = proxy("a-0", "10.1.0.1", labels)
        labels["statefulset.kubernetes.io/pod-name"] = "a-1"
        var second = proxy("a-1", "10.1.0.2", labels)
        first.workloadName = "a"
        second.workloadName = "a"
        #expect(mesh.view(of: first) == mesh.view(of: second))
        second.labels["version"] = "v2"
        #expect(mesh.view(of: first) != mesh.view(of: second))
    }

    @Test func visibilityScopesServices() {
        var own = service("own")
        own.visibility = Visibility(namespaces: ["shop"])
        var hidden = service("hidden")
        hidden.visibility = .nowhere
        var other = service("other", namespace: "far")
        other.visibility = Visibility(exportTo: ["."], in: "far")
        let shown = service("shown", namespace: "far")
        let mesh = snapshot([own, hidden, other, shown])
        func names(_ namespace: String) -> [String] {
            mesh.services(visibleTo: OutboundScope(namespace: namespace, dnsDomain: "")).map(\.name)
        }
        #expect(names("shop") == ["own", "shown"])
        #expect(names("far") == ["other", "shown"])
        #expect(names("third") == ["shown"])
    }

    @Test func ofOneHostTheOwnNamespaceWinsThenTheOldest() {
        func host(_ namespace: String, _ created: String) -> MeshService {
            var service = MeshService(name: "x", namespace: namespace, hostname: "example.com")
            service.created = created
            return service
        }
        let mesh = snapshot([host("a", "2026-01-01T00:00:00Z"), host("b", "2025-01-01T00:00:00Z"), host("c", "")])
        func winner(_ namespace: String) -> [String] {
            mesh.services(visibleTo: OutboundScope(namespace: namespace, dnsDomain: "")).map(\.namespace)
        }
        #expect(winner("a") == ["a"])
        #expect(winner("c") == ["c"])
        #expect(winner("z") == ["b"])
    }

    @Test func differencesNameWhatChanged() {
        let old = snapshot([service("a"), service("b"), service("c")])
        var new = old
        #expect(new.difference(from: old).isEmpty)
        new.services[service("a").key]?.isNodeLocal = true
        new.services[service("b").key] = nil
        new.services[service("d").key] = service("d")
        let endpoints = EndpointKey(service: service("a").key, portName: "http")
        new.endpoints[endpoints] = .empty
        new.workloads["10.1.0.1"] = Workload(name: "w", namespace: "shop", addresses: ["10.1.0.1"])
        let changed = Set(["a", "b", "d"].map { service($0).key })
        #expect(
            new.difference(from: old)
                == MeshDifference(services: changed, endpoints: [endpoints], workloads: ["10.1.0.1"]))
        #expect(old.difference(from: new).services == changed)
        new.settings.network = "n"
        #expect(new.difference(from: old).settings)
    }

    @Test func endpointsAreSortedAndOnce() {
        var draining = Endpoint(address: "10.0.0.1", port: 80, health: .draining)
        draining.hostname = "x"
        let set = EndpointSet([
            Endpoint(address: "10.0.0.2", port: 80), draining,
            Endpoint(address: "10.0.0.1", port: 80, health: .unready),
            Endpoint(address: "10.0.0.1", port: 79),
        ])
        #expect(set.endpoints.map { "\($0.address):\($0.port)" } == ["10.0.0.1:79", "10.0.0.1:80", "10.0.0.2:80"])
        #expect(set.endpoints[1] == draining)
    }
}
