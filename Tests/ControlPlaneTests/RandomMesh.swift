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
        let namespace = pick("a", "b", "c")
        var proxy = Proxy(
            kind: pick("", "", "router").isEmpty ? .sidecar : .router, name: pick("p", "q", "r"), namespace: namespace,
            addresses: [address()],
            labels: ["app": pick("s", "t")])
        if proxy.kind == .router {
            proxy.labels["gateway.networking.k8s.io/gateway-name"] = pick("g", "h")
            proxy.labels["gateway.networking.k8s.io/gateway-class-name"] = pick("istio", "other")
        }
        proxy.node = pick("n", "m", "")
        if pick("", "", "grpc") == "grpc" { proxy.metadata = ["GENERATOR": "grpc"] }
        return proxy
    }

    mutating func change() throws -> ObjectChange {
        let namespace = pick("a", "b")
        let isRemoval = Int.random(in: 0..<5, using: &generator) == 0
        func key(_ name: String) -> ObjectKey { ObjectKey(namespace: namespace, name: name) }
        switch Int.random(in: 0..<34, using: &generator) {
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
            var namespace = NamespaceObject(metadata: ObjectMeta(name: name, labels: labels))
            let distribution = "networking.istio.io/traffic-distribution"
            namespace.metadata.annotations[distribution] = pick("PreferClose", "Any", "")
            return .namespace(name, isRemoval ? nil : namespace)
        case 19..<33:
            return try configuration(isRemoval: isRemoval)
        default:
            return .meshConfig(
                isRemoval
                    ? nil
                    : pick(
                        "discoverySelectors: [{matchLabels: {mesh: 'on'}}]", "defaultServiceExportTo: ['.']",
                        "outboundTrafficPolicy: {mode: REGISTRY_ONLY}", "connectTimeout: 3s",
                        "defaultProviders: {metrics: [prometheus]}"))
        }
    }

    /// An object of configuration: one that makes sense, for what is kept of one that does not depends on what was there.
    private mutating func configuration(isRemoval: Bool) throws -> ObjectChange {
        let namespace = pick("a", "b", "b", "istio-system")
        let host = pick("s.a.svc.cluster.local", "t.b.svc.cluster.local", "s.b.svc.cluster.local")
        let (group, kind, spec) = configurationSpec(host)
        let name = pick("x", "y")
        let yaml = """
            {apiVersion: \(group)/v1, kind: \(kind), metadata: {name: \(name), namespace: \(namespace)}, spec: \(spec)}
            """
        let object = ConfigurationObject(UnstructuredObject(try JSONValue.documents(yaml: yaml)[0]))
        return .configuration(object.reference, isRemoval ? nil : object)
    }

    private mutating func configurationSpec(_ host: String) -> (group: String, kind: String, spec: String) {
        let app = pick("s", "t")
        switch Int.random(in: 0..<11, using: &generator) {
        case 0, 1:
            let gateways = pick("[mesh]", "[mesh]", "[gateway]", "[mesh, gateway]")
            let match = pick(
                "", "match: [{uri: {prefix: /x}}], ", "match: [{sourceLabels: {app: s}}], ",
                "match: [{sourceNamespace: a}], ", "match: [{port: 80}], ")
            let hosts = pick(
                host, host, "\(host), plain.example", "s, \(host)", "'*.svc.cluster.local'", "e.example", "'*.example'")
            let destination = pick(host, host, "s.a.svc.cluster.local", "e.example")
            let kind = pick("http", "http", "http", "tcp")
            return (
                "networking.istio.io", "VirtualService",
                "{hosts: [\(hosts)], gateways: \(gateways), \(exported())"
                    + "\(kind): [{\(kind == "http" ? match : "")route: [{destination: {host: \(destination)}}]}]}"
            )
        case 2, 3:
            let selector = pick("", "workloadSelector: {matchLabels: {app: t}}, ")
            let policy = pick(
                "{loadBalancer: {simple: RANDOM}}", "{connectionPool: {tcp: {maxConnections: 7}}}",
                "{loadBalancer: {localityLbSetting: {enabled: true, failoverPriority: [app]}}, outlierDetection: {}}",
                "{tls: {mode: DISABLE}}", "{loadBalancer: {simple: PASSTHROUGH}}",
                "{loadBalancer: {consistentHash: {httpHeaderName: x-user}}}")
            let subsets = pick("", ", subsets: [{name: v1, labels: {app: \(app)}}]")
            return (
                "networking.istio.io", "DestinationRule",
                "{host: \(pick(host, host, "'*.cluster.local'", "e.example")), \(selector)\(exported())trafficPolicy: \(policy)\(subsets)}"
            )
        case 4:
            return (
                "networking.istio.io", "ServiceEntry",
                "{hosts: [\(pick("e.example", "f.example", "s", "s.a", "'*.wide.example'"))], \(exported())"
                    + "ports: [{number: \(pick("80", "90")), name: http, protocol: \(pick("HTTP", "HTTP", "TLS", "TCP"))}], "
                    + pick(
                        "resolution: DNS}", "resolution: STATIC, endpoints: [{address: 10.1.0.2}]}",
                        "resolution: DNS, endpoints: [{address: near.example, locality: r1}, {address: far.example, locality: r2}]}",
                        "resolution: STATIC, workloadSelector: {labels: {app: \(app)}}}")
            )
        case 5:
            return (
                "networking.istio.io", "Sidecar",
                pick(
                    "{egress: [{hosts: ['./*']}]}", "{egress: [{hosts: ['a/*', 'istio-system/*']}]}",
                    "{workloadSelector: {labels: {app: \(app)}}, egress: [{hosts: ['*/s.a.svc.cluster.local']}]}")
            )
        case 6:
            return (
                "networking.istio.io", "Gateway",
                "{selector: {app: \(app)}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}"
            )
        case 7:
            return (
                "security.istio.io", "PeerAuthentication",
                pick("{mtls: {mode: STRICT}}", "{selector: {matchLabels: {app: \(app)}}, mtls: {mode: DISABLE}}")
            )
        case 8:
            return (
                "security.istio.io", "AuthorizationPolicy",
                "{selector: {matchLabels: {app: \(app)}}, rules: [{to: [{operation: {methods: [\(pick("GET", "PUT"))]}}]}]}"
            )
        case 9:
            return (
                "telemetry.istio.io", "Telemetry",
                pick(
                    "{accessLogging: [{providers: [{name: envoy}]}]}",
                    "{selector: {matchLabels: {app: \(app)}}, accessLogging: [{disabled: true}]}",
                    "{tracing: [{randomSamplingPercentage: 7}]}", "{metrics: [{providers: [{name: prometheus}]}]}",
                    "{metrics: [{overrides: [{match: {metric: REQUEST_SIZE}, disabled: true}]}]}")
            )
        default:
            let gateways = "group: gateway.networking.k8s.io, kind:"
            let targets = pick(
                "", "", "targetRefs: [{\(gateways) Gateway, name: g}], ",
                "targetRefs: [{\(gateways) GatewayClass, name: istio}], ")
            let bootstrap = pick(
                "", "{applyTo: BOOTSTRAP, patch: {operation: MERGE, value: {header_prefix: \(app)}}}, ")
            return (
                "networking.istio.io", "EnvoyFilter",
                "{\(targets)configPatches: [\(bootstrap){applyTo: CLUSTER, match: {context: \(pick("ANY", "SIDECAR_OUTBOUND", "GATEWAY"))}, "
                    + "patch: {operation: MERGE, value: {connect_timeout: \(pick("1s", "2s"))}}}]}"
            )
        }
    }

    /// Who sees an object.
    private mutating func exported() -> String { pick("", "", "", "exportTo: ['.'], ", "exportTo: [a], ") }

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
            "{clusterIP: 10.0.0.4, ports: [{name: any, port: 80}, {name: tls, port: 443}]}",
            "{clusterIP: 10.0.0.1, internalTrafficPolicy: Local, ports: [{name: http, port: 80}]}",
            "{clusterIP: 10.0.0.3, publishNotReadyAddresses: true, ports: [{name: http, port: 80}]}")
        let exported = pick("", "", "", ", annotations: {networking.istio.io/exportTo: '.'}")
        return """
            {apiVersion: v1, kind: Service, metadata: {name: \(name), namespace: \(namespace)\(exported)}, spec: \(spec)}
            """
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
