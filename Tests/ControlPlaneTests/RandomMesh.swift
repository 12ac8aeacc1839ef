import KubernetesModel
import MeshModel
import MeshTesting
import MeshTranslator

/// Changes of a small cluster in which everything meets everything, and the proxies that are in it.
struct RandomMesh {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private mutating func pick(_ words: String...) -> String { words.randomElement(using: &generator) ?? "" }

    mutating func proxy() -> Proxy {
        let namespace = pick("a", "b")
        var proxy = Proxy(
            kind: .sidecar, name: pick("p", "q", "r"), namespace: namespace, addresses: [address()],
            labels: ["app": pick("s", "t")])
        proxy.node = pick("n", "m", "")
        return proxy
    }

    mutating func change() throws -> ObjectChange {
        let namespace = pick("a", "b")
        let isRemoval = Int.random(in: 0..<5, using: &generator) == 0
        func key(_ name: String) -> ObjectKey { ObjectKey(namespace: namespace, name: name) }
        switch Int.random(in: 0..<20, using: &generator) {
        case 0..<5:
            let name = pick("s", "s", "t", "t", "u")
            return .service(key(name), isRemoval ? nil : try object(service(name, namespace)))
        case 5..<11:
            let name = pick("x", "y")
            return .endpointSlice(key(name), isRemoval ? nil : try object(slice(name, namespace)))
        case 11..<16:
            let name = pick("p", "q", "r")
            return .pod(key(name), isRemoval ? nil : try object(pod(name, namespace)))
        case 16:
            let name = pick("n", "m")
            let labels = ["topology.kubernetes.io/region": pick("r1", "r2")]
            return .node(name, isRemoval ? nil : NodeObject(metadata: ObjectMeta(name: name, labels: labels)))
        case 17, 18:
            let name = pick("a", "b", "istio-system")
            let labels = ["mesh": pick("on", "on", "off"), "topology.istio.io/network": pick("net1", "net2")]
            return .namespace(name, isRemoval ? nil : NamespaceObject(metadata: ObjectMeta(name: name, labels: labels)))
        default:
            return .meshConfig(
                isRemoval
                    ? nil
                    : pick(
                        "discoverySelectors: [{matchLabels: {mesh: 'on'}}]", "defaultServiceExportTo: ['.']",
                        "outboundTrafficPolicy: {mode: REGISTRY_ONLY}", "connectTimeout: 3s"))
        }
    }

    private func object<Object: KubernetesObject>(_ yaml: String) throws -> Object {
        try JSONValueDecoder().decode(Object.self, from: try JSONValue.documents(yaml: yaml)[0])
    }

    private mutating func service(_ name: String, _ namespace: String) -> String {
        let spec = pick(
            "{clusterIP: 10.0.0.2, selector: {app: s}, ports: [{name: http, port: 80}]}",
            "{clusterIP: 10.0.0.1, ports: [{name: http, port: 80, targetPort: web}, {name: tcp, port: 90}]}",
            "{clusterIP: None, selector: {app: t}, ports: [{name: tcp, port: 90}]}",
            "{type: ExternalName, externalName: s.a.svc.cluster.local}",
            "{type: ExternalName, externalName: elsewhere.example, ports: [{name: http, port: 80}]}",
            "{clusterIP: 10.0.0.1, internalTrafficPolicy: Local, ports: [{name: http, port: 80}]}",
            "{clusterIP: 10.0.0.3, publishNotReadyAddresses: true, ports: [{name: http, port: 80}]}")
        return "{apiVersion: v1, kind: Service, metadata: {name: \(name), namespace: \(namespace)}, spec: \(spec)}"
    }

    private mutating func address() -> String { pick("10.1.0.1", "10.1.0.2", "10.1.0.3") }

    private mutating func slice(_ name: String, _ namespace: String) -> String {
        let service = pick("s", "s", "t")
        func target(_ name: String) -> String { name.isEmpty ? "" : ", targetRef: {kind: Pod, name: \(name)}" }
        let (first, second) = (target(pick("", "p", "q")), target(pick("", "p", "q")))
        return """
            {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice,
             metadata: {name: \(name), namespace: \(namespace), labels: {kubernetes.io/service-name: \(service)}},
             addressType: IPv4, ports: [{name: http, port: \(pick("8080", "8081"))}, {name: tcp, port: 9090}],
             endpoints: [{addresses: ["\(address())"], nodeName: \(pick("n", "m")),
                          conditions: {ready: \(pick("true", "false"))}\(first)},
                         {addresses: ["\(address())"]\(second)}]}
            """
    }

    private mutating func pod(_ name: String, _ namespace: String) -> String {
        """
        {apiVersion: v1, kind: Pod,
         metadata: {name: \(name), namespace: \(namespace), labels: {app: \(pick("s", "t"))
           \(pick("", ", security.istio.io/tlsMode: istio"))}},
         spec: {nodeName: \(pick("n", "m")), serviceAccountName: \(pick("x", "y")), containers: [{name: c,
           ports: [{name: web, containerPort: 8080}]}]},
         status: {phase: \(pick("Running", "Running", "Failed")), podIP: "\(address())",
           conditions: [{type: Ready, status: "True"}]}}
        """
    }
}
