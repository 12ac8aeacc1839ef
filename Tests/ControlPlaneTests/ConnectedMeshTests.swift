import ControlPlane
import EnvoyTranslator
import KubernetesModel
import MeshDiscovery
import MeshModel
import MeshTesting
import MeshTranslator
import Observability
import Testing

/// A control plane's resources, and the page of metrics that is made of them.
private struct World {
    var resources = ProxyResources(MeshTranslation())
    let registry = MetricsRegistry()
    let metrics: ConnectedMeshMetrics

    init() { metrics = ConnectedMeshMetrics(registry) }

    mutating func connect(_ address: String, in namespace: String = "default") -> ProxyID {
        resources.connect(
            Proxy(kind: .sidecar, name: "p-\(address)", namespace: namespace, addresses: [address])
        ).id
    }

    /// A gRPC application without a proxy.
    mutating func connectApplication(_ address: String) -> ProxyID {
        var proxy = Proxy(kind: .sidecar, name: "p-\(address)", namespace: "default", addresses: [address])
        proxy.metadata = ["GENERATOR": "grpc"]
        return resources.connect(proxy).id
    }

    mutating func apply(_ yaml: String, isRemoval: Bool = false) throws {
        let changes = try JSONValue.documents(yaml: yaml).map { document -> ObjectChange in
            let object = UnstructuredObject(document)
            func read<Kind: KubernetesObject>(_: Kind.Type) throws -> Kind? {
                isRemoval ? Optional.none : try JSONValueDecoder().decode(Kind.self, from: document)
            }
            let key = ObjectKey(namespace: object.metadata.namespace, name: object.metadata.name)
            return switch object.kind {
            case "Service": .service(key, try read(ServiceObject.self))
            case "EndpointSlice": .endpointSlice(key, try read(EndpointSliceObject.self))
            case "Pod": .pod(key, try read(PodObject.self))
            default:
                .configuration(
                    ConfigurationObject(object).reference, isRemoval ? Optional.none : ConfigurationObject(object))
            }
        }
        _ = resources.apply(changes, now: .now)
    }

    /// The value on the page; nil: it is not there.
    func value(_ series: String) -> Double? {
        metrics.record(resources.connected)
        return registry.prometheusText().split(separator: "\n").first { $0.hasPrefix("\(series) ") }
            .flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
    }
}

/// An object of the default namespace, unless another one is named.
private func istio(_ kind: String, _ name: String, in namespace: String = "default", year: Int = 2024, _ spec: String)
    -> String
{
    """
    {apiVersion: networking.istio.io/v1, kind: \(kind), metadata: {name: \(name), namespace: \(namespace),
     creationTimestamp: "\(year)-01-01T00:00:00Z"}, spec: \(spec)}
    """
}

private func entry(_ name: String, in namespace: String = "default", year: Int = 2024, port: Int, _ spoken: String)
    -> String
{
    istio(
        "ServiceEntry", name, in: namespace, year: year,
        "{hosts: [\(name).example], ports: [{number: \(port), name: p, protocol: \(spoken)}], resolution: DNS}")
}

@Suite("Metrics of what does not come to pass, and is gone once it is mended")
struct ConnectedMeshTests {
    @Test(
        "Listeners that services cannot share",
        arguments: [
            ("tcp_over_current_tcp", 5432, "TCP", "TCP"), ("http_over_current_tcp", 3306, "TCP", "HTTP"),
            ("tcp_over_current_http", 3306, "HTTP", "TCP"),
        ])
    func listeners(kind: String, port: Int, older: String, younger: String) throws {
        let name = "pilot_conflict_outbound_listener_\(kind)"
        let others = ["tcp_over_current_tcp", "http_over_current_tcp", "tcp_over_current_http"].filter { $0 != kind }
        var world = World()
        _ = world.connect("10.0.0.1")
        _ = world.connect("10.0.0.2", in: "other")
        #expect(world.value(name) == 0)
        try world.apply(entry("b", year: 2020, port: port, older))
        #expect(world.value(name) == 0)
        try world.apply(entry("a", year: 2024, port: port, younger))
        #expect(world.value(name) == 1, "of both proxies it is the same place")
        for other in others { #expect(world.value("pilot_conflict_outbound_listener_\(other)") == 0) }
        try world.apply(entry("a", year: 2024, port: port + 1, younger))
        #expect(world.value(name) == 0)
    }

    @Test("Requests are told from all else by their first bytes: nobody is in the way of anybody")
    func sharedListeners() throws {
        var world = World()
        _ = world.connect("10.0.0.1")
        try world.apply(entry("a", port: 8080, "HTTP"))
        try world.apply(entry("b", port: 8080, "TCP"))
        try world.apply(entry("c", port: 8080, "TLS"))
        try world.apply(entry("d", port: 8080, "TLS"))
        for kind in ["tcp_over_current_tcp", "http_over_current_tcp", "tcp_over_current_http"] {
            #expect(world.value("pilot_conflict_outbound_listener_\(kind)") == 0)
        }
    }

    @Test("Services that say different things of one port of a workload")
    func inboundListeners() throws {
        func service(_ name: String, port: String) -> String {
            """
            {apiVersion: v1, kind: Service, metadata: {name: \(name), namespace: default},
             spec: {clusterIP: 10.1.0.\(name == "a" ? 1 : 2), selector: {app: x},
                    ports: [{name: \(port), port: 80, targetPort: 8080}]}}
            ---
            {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice,
             metadata: {name: \(name), namespace: default, labels: {kubernetes.io/service-name: \(name)}},
             addressType: IPv4, ports: [{name: \(port), port: 8080}],
             endpoints: [{addresses: [10.0.0.1], conditions: {ready: true}}]}
            """
        }
        let name = "pilot_conflict_inbound_listener"
        var world = World()
        _ = world.connect("10.0.0.1")
        _ = world.connect("10.0.0.2")
        try world.apply(service("a", port: "http"))
        try world.apply(service("b", port: "http-other"))
        #expect(world.value(name) == 0)
        try world.apply(service("b", port: "tcp"))
        #expect(world.value(name) == 1)
        _ = world.connectApplication("10.0.0.1")
        #expect(world.value(name) == 1, "an application without a proxy has no listeners that are in each other's way")
        try world.apply(service("b", port: "http"))
        #expect(world.value(name) == 0)
    }

    @Test("Hosts about which another VirtualService decides")
    func hosts() throws {
        func service(_ name: String, _ host: String) -> String {
            istio("VirtualService", name, "{hosts: [\(host)], http: [{route: [{destination: {host: \(host)}}]}]}")
        }
        let name = "pilot_vservice_dup_domain"
        var world = World()
        try world.apply(service("a", "x.example"))
        #expect(world.value(name) == 0)
        try world.apply(service("b", "x.example"))
        #expect(world.value(name) == 1)
        try world.apply(service("b", "y.example"))
        #expect(world.value(name) == 0)
    }

    @Test("Subsets of which an older DestinationRule has one of the name")
    func subsets() throws {
        func rule(_ name: String, _ subsets: String) -> String {
            istio("DestinationRule", name, "{host: x.example, subsets: [\(subsets)]}")
        }
        let name = "pilot_destrule_subsets"
        var world = World()
        try world.apply(rule("a", "{name: one}, {name: two}"))
        try world.apply(rule("b", "{name: three}"))
        #expect(world.value(name) == 0)
        try world.apply(rule("b", "{name: two}, {name: one}, {name: three}"))
        #expect(world.value(name) == 2)
        try world.apply(rule("b", "{name: three}"), isRemoval: true)
        #expect(world.value(name) == 0)
    }

    @Test("Clusters that two namespaces define for all")
    func clusters() throws {
        let name = "pilot_duplicate_envoy_clusters"
        var world = World()
        try world.apply(entry("x", in: "a", port: 80, "HTTP"))
        try world.apply(entry("x", in: "b", port: 81, "HTTP"))
        #expect(world.value(name) == 0)
        try world.apply(entry("x", in: "b", port: 80, "HTTP"))
        #expect(world.value(name) == 1)
        try world.apply(
            istio(
                "ServiceEntry", "x", in: "b",
                "{hosts: [x.example], exportTo: ['.'], ports: [{number: 80, name: p, protocol: HTTP}], resolution: DNS}"
            ))
        #expect(world.value(name) == 1, "who is in namespace b sees both")
        try world.apply(entry("x", in: "b", port: 80, "HTTP"), isRemoval: true)
        #expect(world.value(name) == 0)
    }

    @Test("Clusters that look up nothing")
    func emptyClusters() throws {
        func entry(_ version: String) -> String {
            istio(
                "ServiceEntry", "x",
                """
                {hosts: [x.example], ports: [{number: 80, name: p, protocol: HTTP}], resolution: DNS,
                 endpoints: [{address: one.example, labels: {version: v1}},
                             {address: two.example, labels: {version: \(version)}}]}
                """)
        }
        let name = "pilot_dns_cluster_without_endpoints"
        var world = World()
        _ = world.connect("10.0.0.1")
        try world.apply(entry("v1"))
        #expect(world.value(name) == 0)
        try world.apply(
            istio(
                "DestinationRule", "x",
                "{host: x.example, subsets: [{name: a, labels: {version: v1}}, {name: b, labels: {version: v2}}]}"))
        #expect(world.value(name) == 1)
        try world.apply(entry("v2"))
        #expect(world.value(name) == 0)
    }

    @Test("Proxies at whose addresses nobody is known")
    func strangers() throws {
        let pod = """
            {apiVersion: v1, kind: Pod, metadata: {name: p, namespace: default}, spec: {containers: []},
             status: {phase: Running, podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}]}}
            """
        var world = World()
        let id = world.connect("10.0.0.1")
        #expect(world.value("pilot_no_ip") == 1)
        try world.apply(pod)
        #expect(world.value("pilot_no_ip") == 0)
        try world.apply(pod, isRemoval: true)
        #expect(world.value("pilot_no_ip") == 1)
        world.resources.disconnect(id, now: .now)
        #expect(world.value("pilot_no_ip") == 0)
    }

    @Test("Proxies that share their node's address are known by their Pod, and by what they serve")
    func proxiesOfTheHost() throws {
        let pod = """
            {apiVersion: v1, kind: Pod, metadata: {name: p-10.0.0.1, namespace: default, labels: {app: x}},
             spec: {containers: [], hostNetwork: true},
             status: {phase: Running, podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}]}}
            """
        let service = """
            {apiVersion: v1, kind: Service, metadata: {name: a, namespace: default},
             spec: {clusterIP: 10.1.0.1, selector: {app: x}, ports: [{name: http, port: 80, targetPort: 8080}]}}
            ---
            {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice,
             metadata: {name: a, namespace: default, labels: {kubernetes.io/service-name: a}},
             addressType: IPv4, ports: [{name: http, port: 8080}],
             endpoints: [{addresses: [10.0.0.1], conditions: {ready: true}}]}
            """
        var world = World()
        _ = world.connect("10.0.0.1")
        #expect(world.value("pilot_no_ip") == 1)
        try world.apply(pod)
        #expect(world.resources.snapshot.workloads.isEmpty)
        #expect(world.value("pilot_no_ip") == 0)
        try world.apply(pod, isRemoval: true)
        #expect(world.value("pilot_no_ip") == 1)
        try world.apply(service)
        #expect(world.value("pilot_no_ip") == 0)
    }

    @Test("What becomes of EnvoyFilters")
    func filters() throws {
        func filter(_ value: String) -> String {
            """
            {apiVersion: networking.istio.io/v1alpha3, kind: EnvoyFilter, metadata: {name: f, namespace: default},
             spec: {configPatches: [{applyTo: CLUSTER, match: {context: SIDECAR_OUTBOUND},
                                     patch: {operation: MERGE, value: \(value)}}]}}
            """
        }
        func series(_ result: String) -> String {
            #"pilot_envoy_filter_status{name="default/f",patch="cluster",result="\#(result)"}"#
        }
        var world = World()
        try world.apply(filter("{connect_timeout: 3s}"))
        #expect(world.value(series("applied")) == 0, "nobody is connected")
        let application = world.connectApplication("10.0.0.9")
        #expect(world.value(series("applied")) == 0, "no proxy is connected")
        world.resources.disconnect(application, now: .now)
        let id = world.connect("10.0.0.1")
        #expect(world.value(series("applied")) == 1)
        try world.apply(filter("{connect_timeout: [3]}"))
        #expect(world.value(series("applied")) == nil)
        #expect(world.value(series("error")) == 1)
        try world.apply(filter("{connect_timeout: 3s}"))
        #expect(world.value(series("error")) == nil)
        world.resources.disconnect(id, now: .now)
        try world.apply(filter("{}"), isRemoval: true)
        #expect(world.value(series("applied")) == nil)
    }

    @Test("Resources that were made for somebody else already, and those that nobody has any more")
    func cache() throws {
        var world = World()
        try world.apply(entry("x", port: 80, "HTTP"))
        let first = world.connect("10.0.0.1", in: "a")
        let made = try #require(world.value(#"xds_cache_reads{type="miss"}"#))
        #expect(made > 0)
        #expect(world.value("xds_cache_size") == made)
        let before = try #require(world.value(#"xds_cache_reads{type="hit"}"#))
        let second = world.connect("10.0.0.2", in: "a")
        #expect(
            try #require(world.value(#"xds_cache_reads{type="hit"}"#)) > before, "of the same, some is of the address")
        #expect(world.value(#"xds_cache_evictions{type="clear"}"#) == 0)
        for id in [first, second] { world.resources.disconnect(id, now: .now) }
        world.resources.dropClasses(unusedSince: .now)
        #expect(world.value("xds_cache_size") == 0)
        #expect(world.value(#"xds_cache_evictions{type="clear"}"#) == world.value(#"xds_cache_reads{type="miss"}"#))
    }

    /// A Sidecar that says where clients call one port, and is older than others.
    private func sidecar(in namespace: String, port: Int, bind: String) throws -> ObjectChange {
        let yaml = istio(
            "Sidecar", "own", in: namespace, year: 2000,
            """
            {egress: [{port: {number: \(port), protocol: TCP, name: p}, \(bind)hosts: ['*/*']}, {hosts: ['*/*']}]}
            """)
        let document = try #require(try JSONValue.documents(yaml: yaml).first)
        let object = ConfigurationObject(UnstructuredObject(document))
        return .configuration(object.reference, object)
    }

    /// Only ports on which there may be conflicts are looked at: none is overlooked by that.
    @Test func noneIsOverlooked() throws {
        var found = 0
        for seed in UInt64(1)...4 {
            var plain = PlainMesh(seed: seed)
            var mixed = RandomMesh(seed: seed)
            var meshes = [ProxyResources(MeshTranslation()), ProxyResources(MeshTranslation())]
            var known = [KnownConflicts(), KnownConflicts()]
            for index in meshes.indices {
                _ = meshes[index].apply(
                    try [
                        sidecar(in: "a", port: 80, bind: "bind: 127.0.0.1, "), sidecar(in: "b", port: 90, bind: ""),
                    ], now: .now)
            }
            for number in 0..<6 {
                _ = meshes[0].connect(plain.proxy(number))
                _ = meshes[1].connect(mixed.proxy())
            }
            for _ in 0..<30 {
                _ = meshes[0].apply(try (0..<3).map { _ in try plain.change() }, now: .now)
                _ = meshes[1].apply(try (0..<3).map { _ in try mixed.change() }, now: .now)
                for (index, mesh) in meshes.enumerated() {
                    let callers = Set(mesh.connected.groups.compactMap(\.caller))
                    #expect(!callers.isEmpty)
                    let all = callers.reduce(into: Set<ListenerConflict>()) {
                        $0.formUnion(listenerConflicts(for: $1, in: mesh.snapshot))
                    }
                    let conflicts = MeshConflicts(in: mesh.snapshot, for: callers)
                    #expect(conflicts.listeners == all)
                    known[index].follow(mesh.connected)
                    while known[index].searchOnce() {}
                    #expect(known[index].conflicts == conflicts, "what is remembered holds no more")
                    found += all.count
                }
            }
        }
        #expect(found > 0, "there never is a conflict")
    }
}
