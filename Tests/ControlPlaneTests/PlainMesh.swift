import KubernetesModel
import MeshModel
import MeshTesting
import MeshTranslator

/// Changes of a mesh in which services can be told apart, as those of most clusters can: each has virtual IPs of its own,
/// and VirtualServices name hosts. Now and then one of them is in the way of others.
struct PlainMesh {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private mutating func pick(_ words: String...) -> String { words.randomElement(using: &generator) ?? "" }
    private mutating func isRare() -> Bool { Int.random(in: 0..<25, using: &generator) == 0 }

    mutating func proxy(_ number: Int) -> Proxy {
        var proxy = Proxy(
            kind: .sidecar, name: "p", namespace: pick("a", "b", "c", "none"), addresses: ["10.8.0.\(number)"])
        if isRare() { proxy.metadata = ["DNS_CAPTURE": "true"] }
        return proxy
    }

    mutating func change() throws -> ObjectChange {
        let isRemoval = Int.random(in: 0..<5, using: &generator) == 0
        switch Int.random(in: 0..<12, using: &generator) {
        case 0..<4:
            let (number, namespace) = (Int.random(in: 0..<12, using: &generator), pick("a", "b", "c"))
            let key = ObjectKey(namespace: namespace, name: "s\(number)")
            return .service(key, isRemoval ? nil : try object(service(key, number)))
        case 4..<8:
            return try configuration(
                "networking.istio.io", "VirtualService", named: pick("x", "y", "z"), isRemoval, virtualService())
        case 8:
            return try configuration(
                "networking.istio.io", "ServiceEntry", named: pick("x", "y"), isRemoval, serviceEntry())
        case 9:
            let host = host()
            return try configuration(
                "networking.istio.io", "DestinationRule", named: pick("x", "y"), isRemoval,
                "{host: \(host), trafficPolicy: \(pick("{connectionPool: {tcp: {maxConnections: 7}}}", "{tls: {mode: DISABLE}}"))}"
            )
        default:
            let (number, namespace) = (Int.random(in: 0..<12, using: &generator), pick("a", "b", "c"))
            let key = ObjectKey(namespace: namespace, name: "s\(number)")
            return .endpointSlice(key, isRemoval ? nil : try object(slice(key)))
        }
    }

    private mutating func host() -> String {
        "s\(Int.random(in: 0..<12, using: &generator)).\(pick("a", "b", "c")).svc.cluster.local"
    }

    private mutating func exported() -> String { isRare() ? pick("exportTo: ['.'], ", "exportTo: [a], ") : "" }

    private mutating func virtualService() -> String {
        let host = host()
        let hosts = pick(
            host, host, host, "\(host), plain.example", "plain.example", "\(host), \(self.host())", "e.example")
        let match = isRare() ? "match: [{sourceNamespace: a}], " : pick("", "match: [{port: 80}], ")
        let destination = pick(host, self.host(), "e.example")
        let rules = pick(
            "http: [{\(match)route: [{destination: {host: \(destination)}}]}]",
            "http: [{\(match)timeout: 3s, route: [{destination: {host: \(destination)}}]}]",
            "tcp: [{route: [{destination: {host: \(destination)}}]}]")
        return "{hosts: [\(isRare() ? pick("'*.example'", "s1") : hosts)], \(exported())\(rules)}"
    }

    private mutating func serviceEntry() -> String {
        let host = isRare() ? pick("s1", "s1.a", "'*.wide.example'") : pick("e.example", "f.example")
        let port = pick("{number: 80, name: http, protocol: HTTP}", "{number: 81, name: http, protocol: HTTP}")
        let rare = isRare() ? "{number: 80, name: tcp, protocol: TCP}" : port
        return "{hosts: [\(host)], \(exported())ports: [\(rare)], resolution: DNS}"
    }

    private mutating func service(_ key: ObjectKey, _ number: Int) -> String {
        let address = "10.\(key.namespace.utf8.first ?? 0).0.\(isRare() ? 0 : number)"
        let ports = pick(
            "{name: http, port: 80}", "{name: http, port: 80}, {name: tcp, port: 90}", "{name: http, port: 81}",
            "{name: any, port: 80}", "{name: tcp, port: 80}", "{name: grpc, port: 82}, {name: tls, port: 443}")
        let spec =
            isRare()
            ? pick(
                "{clusterIP: None, ports: [{name: tcp, port: 80}]}",
                "{type: ExternalName, externalName: s1.a.svc.cluster.local}")
            : "{clusterIP: \(address), ports: [\(ports)]}"
        let exported = isRare() ? ", annotations: {networking.istio.io/exportTo: '.'}" : ""
        return """
            {apiVersion: v1, kind: Service,
             metadata: {name: \(key.name), namespace: \(key.namespace)\(exported)}, spec: \(spec)}
            """
    }

    private mutating func slice(_ key: ObjectKey) -> String {
        """
        {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice,
         metadata: {name: \(key.name), namespace: \(key.namespace), labels: {kubernetes.io/service-name: \(key.name)}},
         addressType: IPv4, ports: [{name: http, port: 8080}, {name: tcp, port: 9090}],
         endpoints: [{addresses: [10.1.0.\(pick("1", "2", "3"))]}]}
        """
    }

    private mutating func configuration(
        _ group: String, _ kind: String, named name: String, _ isRemoval: Bool, _ spec: String
    ) throws -> ObjectChange {
        let yaml = """
            {apiVersion: \(group)/v1, kind: \(kind), metadata: {name: \(name), namespace: \(pick("a", "b", "c"))}, spec: \(spec)}
            """
        let object = ConfigurationObject(UnstructuredObject(try JSONValue.documents(yaml: yaml)[0]))
        return .configuration(object.reference, isRemoval ? nil : object)
    }

    private func object<Object: KubernetesObject>(_ yaml: String) throws -> Object {
        try JSONValueDecoder().decode(Object.self, from: try JSONValue.documents(yaml: yaml)[0])
    }
}
