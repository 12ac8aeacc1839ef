import EnvoyTranslator
import KubernetesModel
import MeshModel
import MeshTranslator
import Observability
import Testing

@testable import MeshDiscovery

@Suite("What is known of conflicts while a mesh lives on")
struct KnownConflictsTests {
    private var resources = ProxyResources(MeshTranslation())
    private var known = KnownConflicts()

    private mutating func connect(_ address: String, in namespace: String) -> ProxyID {
        resources.connect(Proxy(kind: .sidecar, name: "p", namespace: namespace, addresses: [address])).id
    }

    private mutating func apply(_ kind: String, _ name: String, in namespace: String, _ spec: String) throws {
        let document = try JSONValue.documents(
            yaml: """
                {apiVersion: networking.istio.io/v1, kind: \(kind), metadata: {name: \(name), namespace: \(namespace)},
                 spec: \(spec)}
                """
        ).first
        let object = ConfigurationObject(UnstructuredObject(try #require(document)))
        _ = resources.apply([.configuration(object.reference, object)], now: .now)
    }

    private mutating func apply(entry name: String, ports: Int..., address: String = "10.0.9.1") throws {
        let list = ports.map { "{number: \($0), name: p\($0), protocol: TCP}" }.joined(separator: ", ")
        try apply(
            "ServiceEntry", name, in: "default",
            """
            {hosts: [\(name).example], ports: [\(list)],
             addresses: [10.9.0.1], resolution: STATIC, endpoints: [{address: \(address)}]}
            """)
    }

    /// A Sidecar whose clients call at a port of their own.
    private mutating func apply(sidecarIn namespace: String, port: Int) throws {
        try apply(
            "Sidecar", "s", in: namespace,
            "{egress: [{port: {number: \(port), protocol: TCP, name: p}, bind: 127.0.0.1, hosts: ['*/*']}]}")
    }

    /// How often was searched after the mesh was looked at again.
    private mutating func searches() -> Int {
        let before = known.searches
        known.follow(resources.connected)
        while known.searchOnce() {}
        return known.searches - before
    }

    @Test("Only what can be another is looked for again") mutating func remembers() throws {
        try apply(entry: "a", ports: 5432)
        _ = connect("10.0.0.1", in: "x")
        let second = connect("10.0.0.2", in: "y")
        #expect(searches() == 2)
        #expect(searches() == 0)
        let third = connect("10.0.0.3", in: "y")
        #expect(searches() == 0, "clients of its kind are known")
        try apply(entry: "a", ports: 5432, address: "10.0.9.2")
        #expect(resources.snapshot.endpoints.values.contains { $0.endpoints.contains { $0.address == "10.0.9.2" } })
        try apply(entry: "b", ports: 5432)
        #expect(searches() == 2)
        #expect(known.conflicts.listeners == [ListenerConflict(.tcpOverTCP, address: "10.9.0.1", port: 5432)])
        _ = connect("10.0.0.4", in: "z")
        #expect(searches() == 1)
        for id in [second, third] { resources.disconnect(id, now: .now) }
        #expect(searches() == 0)
    }

    @Test("Endpoints that come and go, and proxies of kinds that are known, decide nothing") mutating func endpoints()
        throws
    {
        let service = try JSONValueDecoder().decode(
            ServiceObject.self,
            from: [
                "metadata": ["name": "s", "namespace": "default"],
                "spec": ["clusterIP": "10.1.0.1", "selector": ["app": "s"], "ports": [["name": "tcp", "port": 80]]],
            ])
        let slice = try JSONValueDecoder().decode(
            EndpointSliceObject.self,
            from: [
                "metadata": [
                    "name": "s", "namespace": "default", "labels": ["kubernetes.io/service-name": "s"],
                ],
                "addressType": "IPv4", "ports": [["name": "tcp", "port": 80]],
                "endpoints": [["addresses": ["10.0.0.9"], "conditions": ["ready": true]]],
            ])
        let key = ObjectKey(namespace: "default", name: "s")
        _ = resources.apply([.service(key, service)], now: .now)
        _ = connect("10.0.0.1", in: "x")
        let before = resources.connected
        _ = connect("10.0.0.2", in: "x")
        _ = resources.apply([.endpointSlice(key, slice)], now: .now)
        #expect(resources.snapshot.endpoints.values.contains { $0.endpoints.contains { $0.address == "10.0.0.9" } })
        let after = resources.connected
        #expect(after.rulesRevision == before.rulesRevision && after.groupsRevision == before.groupsRevision)
        let id = connect("10.0.0.3", in: "y")
        #expect(resources.connected.groupsRevision == before.groupsRevision + 1)
        resources.disconnect(id, now: .now)
        #expect(resources.connected.groupsRevision == before.groupsRevision + 2)
        _ = resources.apply([.service(key, nil)], now: .now)
        #expect(resources.connected.rulesRevision == before.rulesRevision + 1)
    }

    @Test("Who is looked at bit by bit hears of everything, those first that waited longest") mutating func slices()
        throws
    {
        for name in ["a", "b"] { try apply(entry: name, ports: 7001, 7002, 7003) }
        let ports = [7001, 7002, 7003]
        for port in ports {
            try apply(sidecarIn: "n\(port)", port: port)
            _ = connect("10.0.0.\(port - 7000)", in: "n\(port)")
        }
        /// Turns of which each looks at one kind of clients, after a change that concerns them all.
        func turn(_ number: Int) throws {
            try apply(entry: "c", ports: 6000 + number)
            known.follow(resources.connected)
            _ = known.searchOnce()
        }
        for number in 1...3 {
            try turn(number)
            #expect(known.conflicts.listeners.count == number, "another one is known with each turn")
        }
        let all = MeshConflicts(in: resources.snapshot, for: Set(resources.connected.groups.compactMap(\.caller)))
        #expect(known.conflicts == all && all.listeners.map(\.port).sorted() == ports)
        try apply(entry: "b", ports: 6001)
        for number in 4...6 {
            #expect(known.conflicts.listeners.count == 7 - number, "what was found before counts on")
            try turn(number)
        }
        #expect(known.conflicts.listeners == [])
    }
}
