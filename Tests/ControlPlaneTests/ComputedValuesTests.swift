import ControlPlane
import EnvoyAPI
import EnvoyTranslator
import KubernetesModel
import MeshDiscovery
import MeshModel
import MeshTranslator
import Testing
import XDSServer

/// The cost of an edit is what it touches, whatever the size of the mesh.
@Suite struct ComputedValuesTests {
    private static let sizes = [100, 1_000, 5_000]
    private static let namespaces = 3

    @Test(arguments: sizes)
    func anEndpointIsOneAssignmentForEachPreference(services: Int) throws {
        var mesh = LargeMesh(services: services, namespaces: Self.namespaces)
        let ids = mesh.connectProxies(zones: ["z1", "z2"])
        let before = mesh.resources.work
        let service = mesh.key(3)
        let woken = mesh.resources.apply([mesh.slice(3, addresses: ["10.9.0.1", "10.9.0.2"])], now: .now)
        let work = mesh.resources.work - before
        // Everybody may call it, and has it.
        #expect(woken == ids)
        for id in ids {
            let cluster = "outbound|80||\(service.name).\(service.namespace).svc.cluster.local"
            #expect(mesh.resources.resources(of: id)?[.endpoint, cluster] != nil)
        }
        #expect(work.translation.endpoints == 1)
        #expect(work.translation.services == 0)
        // The zones see the same: nothing looks at places here.
        #expect(work.encoded == [.endpoint: 1])
        #expect(work.plans == 0)
        // All namespaces call it alike.
        #expect(work.patches == 1)
        #expect(work.views == 0)
    }

    @Test(arguments: sizes)
    func aServiceIsItsOwnResourcesAndTheRoutesOfItsPort(services: Int) throws {
        var mesh = LargeMesh(services: services, namespaces: Self.namespaces)
        let ids = mesh.connectProxies(zones: ["z1"])
        let before = mesh.resources.work
        let woken = mesh.resources.apply([mesh.service(3, port: 81)], now: .now)
        let work = mesh.resources.work - before
        #expect(woken == ids)
        #expect(work.translation.services == 1)
        // A cluster, its endpoints and its listener. The routes of the port it had, in which each namespace completes
        // names its own way, and those of the port it has, which are the same for all but its own namespace. What they
        // have in common is made for itself.
        #expect(work.encoded[.cluster] == 1)
        #expect(work.encoded[.endpoint] == 1)
        #expect(work.encoded[.listener] == 1)
        #expect(work.encoded[.route] == Self.namespaces + 3)
        #expect(work.encodedTotal == 3 + Self.namespaces + 3)
        // Its two clusters, with their endpoints; the listener of its own address, which stays, and its virtual hosts.
        #expect(work.plans == 0)
        #expect(work.clusters == 4)
        #expect(work.listeners <= 4)
        #expect(work.virtualHosts <= 12)
    }

    @Test(arguments: sizes)
    func aRouteIsTheRoutesOfItsPort(services: Int) throws {
        var mesh = LargeMesh(services: services, namespaces: Self.namespaces)
        let ids = mesh.connectProxies(zones: ["z1"])
        let before = mesh.resources.work
        let woken = mesh.resources.apply(
            [
                try mesh.configuration(
                    """
                    {apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: r, namespace: ns-0},
                     spec: {hosts: [s-3.ns-0.svc.cluster.local], http: [{timeout: 3s,
                       route: [{destination: {host: s-3.ns-0.svc.cluster.local}}]}]}}
                    """)
            ], now: .now)
        let work = mesh.resources.work - before
        #expect(woken == ids)
        #expect(work.translation.configuration == 1)
        #expect(work.translation.services == 0)
        #expect(work.views == 0)
        // As each namespace completes names, and what they have in common.
        #expect(work.encoded == [.route: Self.namespaces + 1])
        // The service's own virtual host, for all and as its namespace has it. No other one is looked at.
        #expect(work.plans == 0)
        #expect(work.clusters == 0)
        #expect(work.listeners <= 2)
        #expect(work.virtualHosts <= 4)
    }

    @Test(arguments: sizes)
    func aDestinationsRuleIsItsClusters(services: Int) throws {
        var mesh = LargeMesh(services: services, namespaces: Self.namespaces)
        let ids = mesh.connectProxies(zones: ["z1"])
        let before = mesh.resources.work
        let woken = mesh.resources.apply(
            [
                try mesh.configuration(
                    """
                    {apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: r, namespace: ns-0},
                     spec: {host: s-3.ns-0.svc.cluster.local, trafficPolicy: {connectionPool: {tcp: {maxConnections: 7}}}}}
                    """)
            ], now: .now)
        let work = mesh.resources.work - before
        #expect(woken == ids)
        // Two ports.
        #expect(work.encoded == [.cluster: 2])
        #expect(work.views == 0)
    }

    /// What a rule hides goes with its coming: subsets, and what routes go by.
    @Test(arguments: [
        "subsets: [{name: v1, labels: {version: v1}}]",
        "trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: x-user}}}",
    ])
    func aRuleThatHidesAnotherTakesAllOfItAway(hidden: String) throws {
        var mesh = LargeMesh(services: 100, namespaces: Self.namespaces)
        let ids = mesh.connectProxies(zones: ["z1"])
        func rule(_ name: String, host: String, _ more: String) throws -> ObjectChange {
            try mesh.configuration(
                """
                {apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: \(name), namespace: ns-0},
                 spec: {host: "\(host)", \(more)}}
                """)
        }
        let narrow = "trafficPolicy: {connectionPool: {tcp: {maxConnections: 7}}}"
        let wide = try rule("wide", host: "*.ns-0.svc.cluster.local", hidden)
        let own = try rule("own", host: "s-3.ns-0.svc.cluster.local", narrow)
        _ = mesh.resources.apply([wide], now: .now)
        _ = mesh.resources.apply([own], now: .now)
        for id in ids {
            let key = try #require(mesh.resources.classKey(of: id))
            let plan = resourcePlan(for: key.view, preference: key.preference, in: mesh.resources.snapshot)
            let cache = try #require(mesh.resources.resources(of: id))
            #expect(cache[.cluster].resources.map(\.name) == plan.clusters.map(\.name))
            for input in plan.clusters + plan.endpoints + plan.routes {
                let type = TypeURL(rawValue: input.typeURL)
                #expect(try cache[type, input.name]?.body == input.message().stableBytes())
            }
        }
    }

    @Test(arguments: sizes)
    func aPolicyIsTheListenersOfItsNamespace(services: Int) throws {
        var mesh = LargeMesh(services: services, namespaces: Self.namespaces)
        let ids = mesh.connectProxies(zones: ["z1"])
        let before = mesh.resources.work
        let woken = mesh.resources.apply(
            [
                try mesh.configuration(
                    """
                    {apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: p, namespace: ns-0},
                     spec: {rules: [{to: [{operation: {methods: [GET]}}]}]}}
                    """)
            ], now: .now)
        let work = mesh.resources.work - before
        #expect(woken.count == ids.count / Self.namespaces)
        #expect(work.encoded == [.listener: 1])
        #expect(work.plans == 1)
        #expect(work.views == 0)
    }

    /// What says the same computes nothing.
    @Test func anEqualObjectIsNoChange() {
        var mesh = LargeMesh(services: 100, namespaces: 2)
        _ = mesh.connectProxies(zones: ["z1"])
        let before = mesh.resources.work
        #expect(mesh.resources.apply([mesh.service(3, port: 80)], now: .now) == [])
        let work = mesh.resources.work - before
        #expect(work.encodedTotal == 0)
        #expect(work.plans == 0)
    }

    /// Proxies that see the same cost as much as one.
    @Test func equalViewsShareEverything() {
        var mesh = LargeMesh(services: 200, namespaces: 1)
        let first = Proxy(kind: .sidecar, name: "p-1", namespace: "ns-0", addresses: ["10.8.0.1"], labels: ["app": "p"])
        _ = mesh.resources.connect(first)
        let before = mesh.resources.work
        for index in 2...100 {
            var proxy = first
            proxy.name = "p-\(index)"
            proxy.addresses = ["10.8.0.\(index)"]
            proxy.workloadName = first.workloadName
            _ = mesh.resources.connect(proxy)
        }
        let work = mesh.resources.work - before
        #expect(mesh.resources.classCount == 1)
        #expect(work.encodedTotal == 0)
        #expect(work.plans == 0)
    }

    /// What nobody is sent any more is forgotten, but not at once: proxies come back.
    @Test func unusedIsForgotten() {
        var mesh = LargeMesh(services: 50, namespaces: 3)
        let start = ContinuousClock.now
        let ids = mesh.connectProxies(zones: ["z1"])
        let full = mesh.resources.resourceCount
        for id in ids { mesh.resources.disconnect(id, now: start) }
        mesh.resources.dropClasses(unusedSince: start - .seconds(1))
        #expect(mesh.resources.classCount == 3)
        #expect(mesh.resources.resourceCount == full)
        mesh.resources.dropClasses(unusedSince: start)
        #expect(mesh.resources.classCount == 0)
        #expect(mesh.resources.resourceCount == 0)
    }
}

/// A mesh of many services, each with one endpoint, and proxies in all its namespaces.
private struct LargeMesh {
    var resources: ProxyResources
    let namespaces: Int

    init(services: Int, namespaces: Int) {
        self.namespaces = namespaces
        resources = ProxyResources(MeshTranslation())
        _ = resources.apply(
            (0..<services).flatMap { [service($0, port: 80), slice($0, addresses: ["10.2.\($0 / 250).\($0 % 250)"])] },
            now: .now)
    }

    func key(_ index: Int) -> ObjectKey { ObjectKey(namespace: "ns-\(index % namespaces)", name: "s-\(index)") }

    func service(_ index: Int, port: Int) -> ObjectChange {
        let key = key(index)
        // Of every service one more port, of a protocol whose listener is its own.
        let json: JSONValue = [
            "metadata": ["name": .string(key.name), "namespace": .string(key.namespace)],
            "spec": [
                "clusterIP": .string("10.0.\(index / 250).\(index % 250)"),
                "ports": [
                    ["name": "http", "port": .integer(Int64(port)), "targetPort": 8080],
                    ["name": "tcp", "port": 9000],
                ],
            ],
        ]
        return .service(key, try? JSONValueDecoder().decode(ServiceObject.self, from: json))
    }

    func configuration(_ yaml: String) throws -> ObjectChange {
        let object = ConfigurationObject(UnstructuredObject(try JSONValue.documents(yaml: yaml)[0]))
        return .configuration(object.reference, object)
    }

    func slice(_ index: Int, addresses: [String]) -> ObjectChange {
        let key = key(index)
        let meta = ObjectMeta(
            name: key.name, namespace: key.namespace, labels: ["kubernetes.io/service-name": key.name])
        let json: JSONValue = [
            "metadata": [
                "name": .string(meta.name), "namespace": .string(meta.namespace), "labels": JSONValue(meta.labels),
            ],
            "addressType": "IPv4", "ports": [["name": "http", "port": 8080]],
            "endpoints": .array(addresses.map { ["addresses": [.string($0)]] }),
        ]
        return .endpointSlice(key, try? JSONValueDecoder().decode(EndpointSliceObject.self, from: json))
    }

    /// One in each namespace and zone.
    mutating func connectProxies(zones: [String]) -> Set<ProxyID> {
        var ids: Set<ProxyID> = []
        for namespace in 0..<namespaces {
            for (index, zone) in zones.enumerated() {
                var proxy = Proxy(
                    kind: .sidecar, name: "p", namespace: "ns-\(namespace)", addresses: ["10.8.\(namespace).\(index)"])
                proxy.locality = Locality(region: "r", zone: zone)
                ids.insert(resources.connect(proxy).id)
            }
        }
        return ids
    }
}
