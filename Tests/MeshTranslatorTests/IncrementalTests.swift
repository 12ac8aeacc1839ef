import KubernetesModel
import MeshModel
import MeshTesting
import MeshTranslator
import Testing

@Suite struct IncrementalTests {
    /// Whatever happens, in whatever order and however grouped: the mesh is the one that the objects make.
    @Test(arguments: UInt64(1)...40)
    func incrementalEqualsFromScratch(seed: UInt64) throws {
        var random = RandomObjects(seed: seed)
        var translation = MeshTranslation()
        var objects = ClusterObjects()
        var seen: Set<EndpointKey> = []
        for _ in 0..<100 {
            let changes = try (0..<Int.random(in: 1...4, using: &random.generator)).map { _ in try random.change() }
            let before = translation.snapshot
            let difference = translation.apply(changes)
            for change in changes { objects.apply(change) }
            let scratch = MeshTranslation(objects)
            #expect(translation.snapshot == scratch.snapshot)
            #expect(translation.diagnostics == scratch.diagnostics)
            var visible = difference
            visible.configuration = []
            #expect(visible == translation.snapshot.difference(from: before))
            seen.formUnion(difference.endpoints)
        }
        #expect(seen.count > 1, "the changes hardly meet")
    }
}

/// Changes of a small cluster in which everything meets everything.
private struct RandomObjects {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private mutating func pick(_ words: String...) -> String { words.randomElement(using: &generator) ?? "" }

    mutating func change() throws -> ObjectChange {
        let namespace = pick("a", "b")
        let isRemoval = Int.random(in: 0..<5, using: &generator) == 0
        switch Int.random(in: 0..<43, using: &generator) {
        case 0..<5:
            let name = pick("s", "s", "t", "t", "u")
            let key = ObjectKey(namespace: namespace, name: name)
            return .service(key, isRemoval ? nil : try object(service(name, namespace)))
        case 5..<10:
            let name = pick("x", "y")
            let key = ObjectKey(namespace: namespace, name: name)
            return .endpointSlice(key, isRemoval ? nil : try object(slice(name, namespace)))
        case 10..<15:
            let name = pick("p", "q", "r")
            return .pod(ObjectKey(namespace: namespace, name: name), isRemoval ? nil : try object(pod(name, namespace)))
        case 15:
            let name = pick("s", "t")
            let key = ObjectKey(namespace: namespace, name: name)
            return .endpoints(key, isRemoval ? nil : try object(endpoints(name, namespace)))
        case 16, 17:
            let name = pick("n", "m")
            let labels = ["topology.kubernetes.io/region": pick("r1", "r2")]
            return .node(name, isRemoval ? nil : NodeObject(metadata: ObjectMeta(name: name, labels: labels)))
        case 18, 19:
            let name = pick("a", "b", "istio-system")
            let labels = ["mesh": pick("on", "on", "off"), "topology.istio.io/network": pick("net1", "net2")]
            return .namespace(name, isRemoval ? nil : NamespaceObject(metadata: ObjectMeta(name: name, labels: labels)))
        case 21, 22, 23: return try RandomPolicies.change(in: namespace, isRemoval: isRemoval, &generator)
        case 24: return RandomPolicies.keySet(isRemoval: isRemoval, &generator)
        case 25..<30: return try RandomEntries.change(in: namespace, isRemoval: isRemoval, &generator)
        case 30..<34: return try RandomDestinationRules.change(in: namespace, isRemoval: isRemoval, &generator)
        case 34..<38: return try RandomVirtualServices.change(in: namespace, isRemoval: isRemoval, &generator)
        case 38..<41: return try RandomGateways.change(in: namespace, isRemoval: isRemoval, &generator)
        case 41:
            return .hostAddresses(
                pick("lb.example.com", "gateway.example.com"), isRemoval ? nil : [pick("1.1.1.1", "2.2.2.2")])
        case 42:
            let gateway = pick(
                "address: gateway.example.com", "address: 3.3.3.3", "registryServiceName: t.b.svc.cluster.local")
            return .meshNetworks(
                isRemoval
                    ? nil
                    : """
                    networks:
                      net1: {endpoints: [{fromRegistry: Kubernetes}], gateways: [{\(gateway), port: 15443}]}
                    """)
        default:
            return .meshConfig(
                isRemoval
                    ? nil
                    : pick(
                        "discoverySelectors: [{matchLabels: {mesh: 'on'}}]", "defaultServiceExportTo: ['.']",
                        "rootNamespace: a", "connectTimeout: never", "["))
        }
    }

    private mutating func service(_ name: String, _ namespace: String) -> String {
        let spec = pick(
            "{clusterIP: 10.0.0.2, ports: [{name: http, port: 80}]}",
            "{clusterIP: 10.0.0.1, ports: [{name: http, port: 80, targetPort: web}, {name: tcp, port: 90}]}",
            "{clusterIP: None, ports: [{name: tcp, port: 90}]}",
            "{type: ExternalName, externalName: s.a.svc.cluster.local}",
            "{type: ExternalName, externalName: t.b.svc.cluster.local}", "{type: ExternalName}",
            "{clusterIP: 10.0.0.1, publishNotReadyAddresses: true, ports: [{name: http, port: 80}]}")
        let gateway = pick(
            "", "", "", ", labels: {topology.istio.io/network: net2}")
        let balancer = pick("", "", "{hostname: lb.example.com}", "{ip: 4.4.4.4}, {hostname: lb.example.com}")
        return """
            {apiVersion: v1, kind: Service, metadata: {name: \(name), namespace: \(namespace)\(gateway)}, spec: \(spec),
             status: {loadBalancer: {ingress: [\(balancer)]}}}
            """
    }

    private mutating func address() -> String { pick("10.1.0.1", "10.1.0.2", "10.1.0.3", "fd00::1") }

    private mutating func target() -> String {
        pick("", ", targetRef: {kind: Pod, name: p}", ", targetRef: {kind: Pod, name: q}")
    }

    private mutating func slice(_ name: String, _ namespace: String) -> String {
        let ready = pick("true", "false")
        return """
            {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice,
             metadata: {name: \(name), namespace: \(namespace), labels: {\(pick("", "kubernetes.io/service-name: s", "kubernetes.io/service-name: s", "kubernetes.io/service-name: t"))}},
             addressType: \(pick("IPv4", "IPv4", "FQDN")), ports: [{name: http, port: 8080}, {name: tcp, port: 9090}],
             endpoints: [{addresses: ["\(address())"], nodeName: \(pick("n", "m")), conditions: {ready: \(ready)}\(target())},
                         {addresses: ["\(address())"]\(target())}]}
            """
    }

    private mutating func endpoints(_ name: String, _ namespace: String) -> String {
        """
        {apiVersion: v1, kind: Endpoints, metadata: {name: \(name), namespace: \(namespace)},
         subsets: [{addresses: [{ip: "\(address())"\(target())}], ports: [{name: http, port: 8080}]}]}
        """
    }

    private mutating func pod(_ name: String, _ namespace: String) -> String {
        """
        {apiVersion: v1, kind: Pod,
         metadata: {name: \(name), namespace: \(namespace), labels: {app: \(pick("s", "t"))}
           \(pick("", ", deletionTimestamp: '2026-01-01T00:00:00Z'"))},
         spec: {nodeName: \(pick("n", "m")), hostNetwork: \(pick("false", "false", "true"))},
         status: {phase: \(pick("Running", "Running", "Failed")), podIP: "\(address())",
           conditions: [{type: Ready, status: "\(pick("True", "False"))"}]}}
        """
    }

    private func object<Object: KubernetesObject>(_ yaml: String) throws -> Object {
        let document = try #require(JSONValue.documents(yaml: yaml).first)
        return try JSONValueDecoder().decode(Object.self, from: document)
    }
}
