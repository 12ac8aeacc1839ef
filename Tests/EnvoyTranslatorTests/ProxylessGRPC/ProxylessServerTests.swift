import EnvoyAPI
import EnvoyTranslator
import MeshModel
import SwiftProtobuf
import Testing

@Suite("What gRPC servers without proxies are told")
struct ProxylessServerTests {
    private typealias Manager = Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager
    private typealias Control = Envoy_Extensions_Filters_Http_Rbac_V3_RBAC

    private static let service = """
        apiVersion: v1
        kind: Service
        metadata: {name: echo, namespace: default}
        spec: {clusterIP: 10.96.0.7, selector: {app: echo}, ports: [{name: grpc, port: 80, targetPort: 7070}]}
        """

    /// The server's listeners, in a mesh with some policies.
    private func listeners(
        _ policies: String..., labels: [String: String] = [:]
    ) throws -> [Envoy_Config_Listener_V3_Listener] {
        let mesh = try Mesh(yaml: ([Self.service] + policies).joined(separator: "\n---\n"))
        let server = mesh.application(at: "10.1.0.1", labels: ["app": "echo"].merging(labels) { $1 })
        return try mesh.resources(for: server).listeners.filter { $0.name.hasPrefix("xds.istio.io/") }
    }

    private func policy(_ kind: String, _ spec: String, named name: String = "a") -> String {
        "{apiVersion: security.istio.io/v1, kind: \(kind), metadata: {name: \(name), namespace: default}, spec: \(spec)}"
    }

    @Test("A port is told under every address that a server may listen on")
    func names() throws {
        let listeners = try listeners()
        let prefix = "xds.istio.io/grpc/lds/inbound/"
        #expect(
            listeners.map(\.name)
                == ["0.0.0.0", "10.1.0.1", "127.0.0.1", "[::1]", "[::]"].map { "\(prefix)\($0):7070" })
        let any = try #require(listeners.last)
        #expect(any.address.socketAddress.address == "::" && any.address.socketAddress.portValue == 7070)
        #expect(any.listenerFilters.isEmpty && !any.hasUseOriginalDst)
        let chain = try #require(any.filterChains.first)
        #expect(any.filterChains.count == 1 && !chain.hasFilterChainMatch && chain.filters.count == 1)
        let routes = try #require(chain.connectionManager).routeConfig.virtualHosts.flatMap(\.routes)
        #expect(routes.map(\.action) == [.nonForwardingAction(.init())])
    }

    @Test("Of what a server says that its addresses are, no more counts than a few IP addresses")
    func addresses() throws {
        let mesh = try Mesh(yaml: Self.service)
        var server = mesh.application(at: "10.1.0.1", labels: ["app": "echo"])
        server.addresses += ["10.1.0.1", "", "name", "fd00::1", "1.2.3.4:5", "fd00::1"]
        func told() throws -> [String] {
            try mesh.resources(for: server).listeners.map(\.name).filter { $0.hasPrefix("xds.istio.io/") }
        }
        let prefix = "xds.istio.io/grpc/lds/inbound/"
        #expect(
            try told()
                == ["0.0.0.0", "10.1.0.1", "127.0.0.1", "[::1]", "[::]", "[fd00::1]"].map { "\(prefix)\($0):7070" })
        server.addresses = (0..<5000).map { "10.2.\($0 / 250).\($0 % 250)" }
        #expect(try told().count == 4 + 16)
        server.addresses = ["name"]
        #expect(try told().count == 4)
    }

    @Test(
        "A server takes plaintext or TLS, never both",
        arguments: [
            ("{}", [:], false), ("{mtls: {mode: STRICT}}", [:], true), ("{mtls: {mode: DISABLE}}", [:], false),
            ("{mtls: {mode: PERMISSIVE}}", ["security.istio.io/tlsMode": "istio"], true),
            ("{mtls: {mode: DISABLE}}", ["security.istio.io/tlsMode": "istio"], false),
            ("{selector: {matchLabels: {app: echo}}, portLevelMtls: {7070: {mode: STRICT}}}", [:], true),
        ] as [(String, [String: String], Bool)])
    func security(_ authentication: String, _ labels: [String: String], _ isTLS: Bool) throws {
        for listener in try listeners(policy("PeerAuthentication", authentication), labels: labels) {
            let socket = try #require(listener.filterChains.first).transportSocket
            #expect((socket != .init()) == isTLS)
            guard isTLS else { continue }
            let context = try Envoy_Extensions_TransportSockets_Tls_V3_DownstreamTlsContext(
                unpackingAny: socket.typedConfig)
            #expect(context.requireClientCertificate.value)
            #expect(context.commonTlsContext.tlsCertificateProviderInstance.instanceName == "default")
            let validation = context.commonTlsContext.validationContext
            #expect(validation.caCertificateProviderInstance.instanceName == "default")
            #expect(validation.matchSubjectAltNames.isEmpty)
        }
    }

    @Test("Policies are held to as far as a server can; what it cannot see never lets pass")
    func policies() throws {
        let listeners = try listeners(
            policy(
                "AuthorizationPolicy",
                "{rules: [{to: [{operation: {paths: ['/a.A/{*}']}}]}, {to: [{operation: {paths: [/b.B/C]}}]}]}"),
            policy(
                "AuthorizationPolicy",
                "{action: DENY, rules: [{from: [{source: {namespaces: [x]}}], to: [{operation: {paths: ['/a.A/{*}']}}]}]}",
                named: "b"),
            policy("AuthorizationPolicy", "{action: AUDIT, rules: [{}]}", named: "c"),
            policy(
                "AuthorizationPolicy",
                "{action: CUSTOM, provider: {name: p}, rules: [{to: [{operation: {paths: [/d.D/E]}}]}]}", named: "d"))
        let listener = try #require(listeners.first)
        let filters = try #require(listener.filterChains.first?.connectionManager).httpFilters
        #expect(
            filters.map(\.name) == [
                "envoy.filters.http.rbac.CUSTOM", "envoy.filters.http.rbac.DENY", "envoy.filters.http.rbac.ALLOW",
                "envoy.filters.http.router",
            ])
        let rules = try filters.prefix(3).map { try Control(unpackingAny: $0.typedConfig).rules }
        #expect(rules.map(\.action) == [.deny, .deny, .allow])
        let allowed = rules[2].policies.values.flatMap(\.permissions).map { $0.textFormatString() }.joined()
        #expect(allowed.contains("/b.B/C") && !allowed.contains("/a.A"))
        let denied = try #require(rules[1].policies.values.first)
        #expect(denied.permissions.map(\.andRules.rules) == [[.with { $0.any = true }]])
        #expect(denied.principals.map { $0.textFormatString() }.joined().contains("/ns/x/"))
    }
}
