import KubernetesModel
import MeshModel
import MeshTranslator
import Testing

@Suite("Several Gateways on one workload") struct MergedGatewaysTests {
    private func merged(
        _ yaml: String, labels: [String: String] = ["istio": "ingressgateway"], namespace: String = "istio-system",
        edit: (inout MeshSettings) -> Void = { _ in }
    ) throws -> MergedGateways {
        var settings = MeshSettings()
        edit(&settings)
        let snapshot = try translation(yaml, settings: settings).snapshot
        let router = Proxy(
            kind: .router, name: "gw", namespace: namespace, addresses: ["10.1.0.1"], labels: labels)
        return snapshot.gateways(of: snapshot.view(of: router))
    }

    private func gateway(
        _ name: String, _ server: String, in namespace: String = "default", created: String = "",
        selector: String = "{istio: ingressgateway}"
    ) -> String {
        """
        ---
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: \(name), namespace: \(namespace), creationTimestamp: "\(created)"}
        spec: {selector: \(selector), servers: [\(server)]}

        """
    }

    private let http = "{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}"
    private let tcp = "{port: {number: 80, name: tcp, protocol: TCP}, hosts: ['*']}"
    private func https(_ hosts: String, _ name: String = "https") -> String {
        "{port: {number: 443, name: \(name), protocol: HTTPS}, hosts: [\(hosts)], tls: {mode: SIMPLE, credentialName: c}}"
    }

    @Test("HTTP of one port is one listener with one set of routes")
    func plainHTTP() throws {
        let grpc = "{port: {number: 80, name: grpc, protocol: GRPC}, hosts: [a.example.com]}"
        let found = try merged(gateway("a", http) + gateway("b", grpc, in: "shop"))
        #expect(found.listeners.map(\.port) == [80])
        #expect(found.serversByRoutes["http.80"]?.map(\.gatewayName) == ["default/a", "shop/b"])
        #expect(found.conflicts.isEmpty)
    }

    @Test("Of two that cannot share a port the older has it, and the other is told")
    func conflicts() throws {
        let young = gateway("a", http, created: "2026-02-01T00:00:00Z")
        let old = gateway("b", tcp, created: "2026-01-01T00:00:00Z")
        let found = try merged(young + old)
        #expect(found.listeners.first?.servers.map(\.gatewayName) == ["default/b"])
        #expect(found.conflicts.map(\.gateway.key.name) == ["a"])
        let told = found.conflicts.first?.diagnostic
        #expect(told?.path == "spec.servers[0].port")
        #expect(told?.message.contains("Gateway default/b has it") ?? false)

        // It is told of the object too, without any workload.
        let mesh = try translation(young + old)
        #expect(mesh.diagnostics.keys.map(\.key.name) == ["a"])
        #expect(mesh.diagnostics.values.flatMap(\.self) == found.conflicts.map(\.diagnostic))

        // Equally old ones: by name, then by namespace.
        let equal = try merged(gateway("x", tcp, in: "zeta") + gateway("x", tcp, in: "alpha"))
        #expect(equal.listeners.first?.servers.map(\.gatewayName) == ["alpha/x"])
    }

    @Test("TLS servers of one port are told apart by host; a host that is taken is told")
    func encrypted() throws {
        let found = try merged(
            gateway("a", https("a.example.com")) + gateway("b", https("b.example.com"))
                + gateway("c", https("a.example.com, c.example.com")))
        #expect(found.listeners.first?.servers.map(\.gatewayName) == ["default/a", "default/b"])
        #expect(found.conflicts.map(\.diagnostic.path) == ["spec.servers[0].hosts"])
        #expect(
            found.serversByRoutes.keys.sorted() == ["https.443.https.a.default", "https.443.https.b.default"])
        #expect(found.credentialNames == ["c"])
    }

    @Test("Plain text and TLS do not share a port; other addresses are other listeners")
    func mixedPorts() throws {
        let plain = "{port: {number: 443, name: http, protocol: HTTP}, hosts: ['*']}"
        let bound = "{port: {number: 443, name: http, protocol: HTTP}, bind: 10.0.0.9, hosts: ['*']}"
        let found = try merged(gateway("a", https("'*'")) + gateway("b", plain) + gateway("c", bound))
        #expect(found.listeners.map(\.bind) == ["", "10.0.0.9"])
        #expect(found.conflicts.map(\.gateway.key.name) == ["b"])
        #expect(found.serversByRoutes["http.443.10.0.0.9"] != nil)
    }

    @Test("Only Gateways whose labels the workload has, or its own namespace's where that is asked for")
    func selection() throws {
        let yaml =
            gateway("a", http)
            + gateway("b", "{port: {number: 81, name: b, protocol: HTTP}, hosts: ['*']}", selector: "{istio: other}")
            + gateway("c", "{port: {number: 82, name: c, protocol: HTTP}, hosts: ['*']}", selector: "{}")
        #expect(try merged(yaml).listeners.map(\.port) == [80, 82])
        #expect(try merged(yaml, labels: [:]).listeners.map(\.port) == [82])
        #expect(try merged(yaml, edit: { $0.scopesGateways = true }).listeners.isEmpty)
        #expect(
            try merged(yaml, namespace: "default", edit: { $0.scopesGateways = true }).listeners.map(\.port) == [
                80, 82,
            ])
    }

    private func service(
        _ name: String, _ ports: String, labels: String = "{}", created: String = "2026-01-01T00:00:00Z"
    ) -> String {
        """
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: \(name), namespace: istio-system, labels: \(labels), creationTimestamp: "\(created)"}
        spec: {clusterIP: 10.0.0.1, selector: {istio: ingressgateway}, ports: \(ports)}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: gw, namespace: istio-system, labels: {istio: ingressgateway}}
        spec: {nodeName: n}
        status: {phase: Running, podIP: 10.1.0.1}

        """
    }

    @Test("A port is the one that the gateway's Service leads to")
    func portTranslation() throws {
        let ports = "[{name: http, port: 80, targetPort: 8080}, {name: https, port: 443, targetPort: 8443}]"
        let both = gateway("a", http) + gateway("b", https("'*'"))
        let found = try merged(both + service("gw", ports))
        #expect(found.listeners.map(\.port) == [8080, 8443])
        // Routes of HTTP go by the listener, those of HTTPS by what the Gateway says.
        #expect(found.serversByRoutes.keys.sorted() == ["http.8080", "https.443.https.b.default"])

        let off = "{experimental.istio.io/disable-gateway-port-translation: 'true'}"
        #expect(try merged(both + service("gw", ports, labels: off)).listeners.map(\.port) == [80, 443])
        let second = service("gw2", "[{name: http, port: 80, targetPort: 9090}]", created: "2026-02-01T00:00:00Z")
        #expect(try merged(both + service("gw", ports, labels: off) + second).listeners.map(\.port) == [443, 9090])
        #expect(try merged(both + second + service("gw", ports)).listeners.map(\.port) == [8080, 8443])
    }
}
