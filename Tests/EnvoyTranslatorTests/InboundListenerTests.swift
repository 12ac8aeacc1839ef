import EnvoyAPI
import EnvoyTranslator
import MeshModel
import SwiftProtobuf
import Testing

@Suite("The listener for calls to the own workload")
struct InboundListenerTests {
    /// A workload with a port of each kind.
    private let mesh: Mesh = {
        var mesh = Mesh()
        mesh.add(
            "own", addresses: ["10.96.0.1"],
            ports: [
                ServicePort(name: "tcp", number: 70, meshProtocol: .tcp),
                ServicePort(name: "http", number: 80, meshProtocol: .http, target: .number(8080)),
                ServicePort(name: "auto", number: 81, meshProtocol: .auto),
            ], pods: ["10.244.0.1"])
        return mesh
    }()

    private func listener(_ tls: InboundTLS) throws -> Envoy_Config_Listener_V3_Listener {
        var mesh = mesh
        mesh.demand(tls)
        return try #require(try mesh.resources(for: mesh.sidecar()).listener("virtualInbound"))
    }

    @Test("Transparent capture: the workload is called from its client's own address, and nothing else changes")
    func transparent() throws {
        var sidecar = mesh.sidecar()
        let redirecting = try #require(try mesh.resources(for: sidecar).listener("virtualInbound"))
        sidecar.interceptionMode = .tproxy
        var listener = try #require(try mesh.resources(for: sidecar).listener("virtualInbound"))
        #expect(listener.transparent.value)
        #expect(
            listener.listenerFilters.map(\.name).prefix(2) == [
                "envoy.filters.listener.original_dst", "envoy.filters.listener.original_src",
            ])
        listener.listenerFilters.remove(at: 1)
        listener.clearTransparent()
        #expect(listener == redirecting)
    }

    private let mesh5 = "istio,istio-peer-exchange,istio-http/1.0,istio-http/1.1,istio-h2"
    private let http3 = "istio-http/1.0,istio-http/1.1,istio-h2"
    private let tcp2 = "istio-peer-exchange,istio"

    @Test("PERMISSIVE: mutual TLS of the mesh ends here, plaintext is served, other TLS passes")
    func permissive() throws {
        #expect(
            try listener(.init(.permissive)).filterChains.map(\.summary) == [
                "virtualInbound-blackhole :15006 tcp BlackHoleCluster",
                "virtualInbound-catchall-http tls \(http3) mTLS http InboundPassthroughCluster",
                "virtualInbound-catchall-http raw_buffer http/1.1,h2c http InboundPassthroughCluster",
                "virtualInbound tls \(tcp2) mTLS tcp InboundPassthroughCluster",
                "virtualInbound raw_buffer tcp InboundPassthroughCluster",
                "virtualInbound tls tcp InboundPassthroughCluster",
                "0.0.0.0_70 :70 tls \(mesh5) mTLS tcp inbound|70||",
                "0.0.0.0_70 :70 tls tcp inbound|70||",
                "0.0.0.0_70 :70 raw_buffer tcp inbound|70||",
                "0.0.0.0_81 :81 tls \(http3) mTLS http inbound|81||",
                "0.0.0.0_81 :81 raw_buffer http/1.1,h2c http inbound|81||",
                "0.0.0.0_81 :81 tls \(tcp2) mTLS tcp inbound|81||",
                "0.0.0.0_81 :81 raw_buffer tcp inbound|81||",
                "0.0.0.0_81 :81 tls tcp inbound|81||",
                "0.0.0.0_8080 :8080 tls \(mesh5) mTLS http inbound|8080||",
                "0.0.0.0_8080 :8080 raw_buffer http inbound|8080||",
            ])
    }

    @Test("STRICT: mutual TLS or nothing")
    func strict() throws {
        #expect(
            try listener(.init(.strict)).filterChains.map(\.summary) == [
                "virtualInbound-blackhole :15006 tcp BlackHoleCluster",
                "virtualInbound-catchall-http tls \(http3) mTLS http InboundPassthroughCluster",
                "virtualInbound tls mTLS tcp InboundPassthroughCluster",
                "0.0.0.0_70 :70 tls mTLS tcp inbound|70||",
                "0.0.0.0_81 :81 tls \(http3) mTLS http inbound|81||",
                "0.0.0.0_81 :81 tls mTLS tcp inbound|81||",
                "0.0.0.0_8080 :8080 tls mTLS http inbound|8080||",
            ])
    }

    @Test("DISABLE with a port that is STRICT, which no service declares")
    func disable() throws {
        let listener = try listener(.init(.disable, ports: [9000: .strict]))
        #expect(
            listener.filterChains.map(\.summary) == [
                "virtualInbound-blackhole :15006 tcp BlackHoleCluster",
                "virtualInbound-catchall-http raw_buffer http/1.1,h2c http InboundPassthroughCluster",
                "virtualInbound raw_buffer tcp InboundPassthroughCluster",
                "virtualInbound-catchall-http :9000 tls \(http3) mTLS http InboundPassthroughCluster",
                "virtualInbound :9000 tls mTLS tcp InboundPassthroughCluster",
                "0.0.0.0_70 :70 raw_buffer tcp inbound|70||",
                "0.0.0.0_81 :81 raw_buffer http/1.1,h2c http inbound|81||",
                "0.0.0.0_81 :81 raw_buffer tcp inbound|81||",
                "0.0.0.0_8080 :8080 raw_buffer http inbound|8080||",
            ])
        let tls = try #require(listener.listenerFilters.first { $0.name.hasSuffix("tls_inspector") })
        #expect(tls.filterDisabled.notMatch.destinationPortRange.start == 9000)
    }

    @Test("First bytes are looked at on those ports alone where they decide")
    func inspectors() throws {
        func off(_ tls: InboundTLS, _ inspector: String) throws -> [Int32]? {
            try listener(tls).listenerFilters.first { $0.name.hasSuffix(inspector) }.map { filter in
                let disabled = filter.filterDisabled
                return (disabled.orMatch.rules.isEmpty ? [disabled] : disabled.orMatch.rules)
                    .map(\.destinationPortRange.start)
            }
        }
        #expect(try off(.init(.permissive), "tls_inspector") == [15006])
        #expect(try off(.init(.permissive), "http_inspector") == [70, 8080, 15006])
        #expect(try off(.init(.permissive, ports: [70: .disable]), "tls_inspector") == [70, 15006])
        #expect(try off(.init(.strict), "tls_inspector") == [15006])
        #expect(try off(.init(.strict), "http_inspector") == nil)
        #expect(try off(.init(.disable), "tls_inspector") == nil)
        #expect(try off(.init(.disable), "http_inspector") == [70, 8080, 15006])
        #expect(try listener(.init(.disable)).listenerFilters.first?.name == "envoy.filters.listener.original_dst")
    }

    @Test("Clients are asked for a certificate of the trust domain, and named to the workload")
    func clients() throws {
        let chain = try #require(try listener(.init(.strict)).filterChains.last)
        let tls = try Envoy_Extensions_TransportSockets_Tls_V3_DownstreamTlsContext(
            unpackingAny: chain.transportSocket.typedConfig)
        #expect(tls.requireClientCertificate.value)
        #expect(tls.commonTlsContext.alpnProtocols == ["h2", "http/1.1"])
        let names = tls.commonTlsContext.combinedValidationContext.defaultValidationContext.matchTypedSubjectAltNames
        #expect(names.map(\.matcher.prefix) == ["spiffe://cluster.local/"])
        #expect(names.map(\.sanType) == [.uri])

        let manager = try #require(chain.connectionManager)
        #expect(manager.statPrefix == "inbound_0.0.0.0_8080;")
        #expect(manager.serverName == "istio-envoy")
        #expect(manager.forwardClientCertDetails == .appendForward)
        #expect(manager.setCurrentClientCertDetails.uri)
        let host = try #require(manager.routeConfig.virtualHosts.first)
        #expect(host.name == "inbound|http|80")
        #expect(host.routes.map(\.decorator.operation) == ["own.default.svc.cluster.local:80/*"])
        #expect(host.routes.map(\.route.retryPolicy.retryOn) == ["reset-before-request"])
    }
}
