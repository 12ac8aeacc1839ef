import EnvoyAPI
import EnvoyTranslator
import KubernetesModel
import MeshModel
import SwiftProtobuf
import Testing

@Suite("Listeners for calls to others")
struct OutboundListenerTests {
    @Test("One for each port of HTTP, one for each address and port of all else, and the two that capture calls")
    func names() throws {
        let mesh = Mesh.menagerie
        #expect(
            try mesh.resources(for: mesh.sidecar()).listeners.map(\.name) == [
                "0.0.0.0_50051", "0.0.0.0_8080", "0.0.0.0_8081", "0.0.0.0_9080",
                "10.244.1.1_2181", "10.244.1.1_2888", "10.244.1.1_7000",
                "10.244.1.2_2181", "10.244.1.2_2888", "10.244.1.2_7000",
                "10.244.1.3_2181", "10.244.1.3_2888", "10.244.1.3_7000",
                "10.96.0.5_3306", "10.96.1.1_9000", "10.96.1.2_443",
                "virtualInbound", "virtualOutbound",
            ])
    }

    @Test("Only the two that capture calls listen on their own")
    func binding() throws {
        let mesh = Mesh.menagerie
        let bound = try mesh.resources(for: mesh.sidecar()).listeners.filter {
            !$0.hasBindToPort || $0.bindToPort.value
        }
        #expect(bound.map(\.name) == ["virtualInbound", "virtualOutbound"])
        #expect(bound.map(\.address.socketAddress.portValue) == [15006, 15001])
    }

    @Test("HTTP is told by its first bytes; what is none goes where it was sent")
    func http() throws {
        let mesh = Mesh.bookinfo
        let listener = try #require(try mesh.resources(for: mesh.sidecar()).listener("0.0.0.0_9080"))
        #expect(listener.listenerFilters.map(\.name) == ["envoy.filters.listener.http_inspector"])
        #expect(listener.filterChains.map(\.summary) == ["- raw_buffer http/1.1,h2c http routes 9080"])
        #expect(listener.defaultFilterChain.summary == "PassthroughFilterChain tcp PassthroughCluster")
        #expect(listener.trafficDirection == .outbound)
        #expect(listener.continueOnListenerFiltersTimeout)
        let manager = try #require(listener.filterChains.first?.connectionManager)
        #expect(manager.statPrefix == "outbound_0.0.0.0_9080;")
        #expect(
            manager.httpFilters.map(\.name) == [
                "envoy.filters.http.grpc_stats", "envoy.filters.http.fault", "envoy.filters.http.cors",
                "envoy.filters.http.router",
            ])
        #expect(manager.normalizePath.value)
        #expect(manager.hasUseRemoteAddress && !manager.useRemoteAddress.value)
        #expect(manager.hasStreamIdleTimeout && manager.streamIdleTimeout == .init())
        #expect(manager.upgradeConfigs.map(\.upgradeType) == ["websocket"])
        #expect(manager.tracing.randomSampling.value == 1)
        #expect(manager.accessLog.isEmpty)
    }

    @Test("HTTP/1.0 is requests where it is served, and connections elsewhere", arguments: [false, true])
    func http10(ofAll: Bool) throws {
        var mesh = Mesh.menagerie
        mesh.snapshot.settings.acceptsHTTP10 = ofAll
        var proxy = mesh.sidecar(at: ["10.244.1.4"])
        func protocols() throws -> Set<[String]> {
            let listeners = try mesh.resources(for: proxy).listeners
            return Set(
                listeners.flatMap(\.filterChains).map(\.filterChainMatch)
                    .filter { $0.transportProtocol == "raw_buffer" }.map(\.applicationProtocols)
            ).subtracting([[]])
        }
        let served = ["http/1.0", "http/1.1", "h2c"]
        #expect(try protocols() == [ofAll ? served : ["http/1.1", "h2c"]])
        proxy.metadata = ["HTTP10": "1"]
        #expect(try protocols() == [served])
    }

    @Test("TCP waits for nothing: the server may speak first")
    func tcp() throws {
        let mesh = Mesh.bookinfo
        let listener = try #require(try mesh.resources(for: mesh.sidecar()).listener("10.96.0.5_3306"))
        #expect(listener.listenerFilters.isEmpty)
        #expect(listener.filterChains.map(\.summary) == ["- tcp outbound|3306||mysqldb.default.svc.cluster.local"])
        #expect(!listener.hasDefaultFilterChain)
    }

    @Test("A sniffed port has routes of its own, and its TCP says so to the server")
    func sniffed() throws {
        let mesh = Mesh.menagerie
        let resources = try mesh.resources(for: mesh.sidecar())
        let listener = try #require(resources.listener("10.96.1.1_9000"))
        #expect(
            listener.filterChains.map(\.summary)
                == ["- raw_buffer http/1.1,h2c http routes sniffed.default.svc.cluster.local:9000"])
        #expect(listener.defaultFilterChain.summary == "- tcp outbound|9000||sniffed.default.svc.cluster.local")
        let state = try Envoy_Extensions_Filters_Network_SetFilterState_V3_Config(
            unpackingAny: try #require(listener.defaultFilterChain.filters.first).typedConfig)
        #expect(state.onNewConnection.map(\.objectKey) == ["envoy.network.application_protocols"])
        #expect(state.onNewConnection.map(\.formatString.textFormatSource.inlineString) == ["istio"])
        #expect(resources.routes("sniffed.default.svc.cluster.local:9000")?.virtualHosts.map(\.domains) == [["*"]])
    }

    @Test(
        "Capture's listener hands on what it can, and the rest goes out or nowhere",
        arguments: [
            (MeshSettings.OutboundPolicy.allowAny, "PassthroughCluster"), (.registryOnly, "BlackHoleCluster"),
        ])
    func virtualOutbound(policy: MeshSettings.OutboundPolicy, cluster: String) throws {
        var mesh = Mesh.bookinfo
        mesh.snapshot.settings.outboundPolicy = policy
        let resources = try mesh.resources(for: mesh.sidecar())
        let listener = try #require(resources.listener("virtualOutbound"))
        #expect(listener.useOriginalDst.value)
        #expect(
            listener.filterChains.map(\.summary) == [
                "virtualOutbound-blackhole :15001 tcp BlackHoleCluster", "virtualOutbound-catchall-tcp tcp \(cluster)",
            ])
        #expect(resources.listener("0.0.0.0_9080")?.defaultFilterChain.tcpCluster == cluster)
    }

    @Test("Dual-stack proxies listen on both families, others on their own")
    func families() throws {
        let mesh = Mesh.menagerie
        let dual = try mesh.resources(for: mesh.sidecar(at: ["10.244.0.1", "fd00:10::1"]))
        func addresses(_ listener: Envoy_Config_Listener_V3_Listener?) -> [String] {
            listener.map { [$0.address] + $0.additionalAddresses.map(\.address) }?.map(\.socketAddress.address) ?? []
        }
        #expect(addresses(dual.listener("virtualInbound")) == ["0.0.0.0", "::"])
        #expect(addresses(dual.listener("0.0.0.0_9080")) == ["0.0.0.0", "::"])
        #expect(addresses(dual.listener("10.96.1.2_443")) == ["10.96.1.2", "fd00::2"])
        let six = try mesh.resources(for: mesh.sidecar(at: ["fd00:10::1"]))
        #expect(addresses(six.listener("virtualOutbound")) == ["::"])
        #expect(addresses(six.listener("::_9080")) == ["::"])
        #expect(addresses(six.listener("fd00::2_443")) == ["fd00::2"])
        #expect(six.listener("10.96.0.5_3306") == nil)
    }

    @Test("Without a virtual IP the port is all that tells a service, and for requests the host")
    func withoutAddress() throws {
        var mesh = Mesh()
        mesh.add(
            "anywhere", addresses: [],
            ports: [
                ServicePort(name: "tcp", number: 70, meshProtocol: .tcp),
                ServicePort(name: "auto", number: 81, meshProtocol: .auto),
            ], pods: ["10.244.0.1"])
        let resources = try mesh.resources(for: mesh.sidecar(at: ["10.244.0.9"]))
        let cluster = "outbound|81||anywhere.default.svc.cluster.local"
        #expect(
            resources.listener("0.0.0.0_70")?.filterChains.map(\.summary)
                == ["- tcp outbound|70||anywhere.default.svc.cluster.local"])
        #expect(
            resources.listener("0.0.0.0_81")?.filterChains.map(\.summary)
                == ["- raw_buffer http/1.1,h2c http routes 81"])
        #expect(resources.listener("0.0.0.0_81")?.defaultFilterChain.tcpCluster == cluster)
        #expect(
            resources.routes("81")?.virtualHosts.map(\.name) == ["anywhere.default.svc.cluster.local:81", "allow_any"])
    }

    @Test("Of two services with the same address and port the older one has it")
    func conflict() throws {
        var mesh = Mesh()
        let port = ServicePort(name: "tcp", number: 70, meshProtocol: .tcp)
        mesh.add("young", addresses: ["10.96.0.1"], ports: [port]) { $0.created = "2026-02-01T00:00:00Z" }
        mesh.add("old", addresses: ["10.96.0.1"], ports: [port]) { $0.created = "2026-01-01T00:00:00Z" }
        let listener = try mesh.resources(for: mesh.sidecar()).listener("10.96.0.1_70")
        #expect(listener?.filterChains.map(\.tcpCluster) == ["outbound|70||old.default.svc.cluster.local"])
    }

    @Test("Of two that are equally old the one whose name comes first has it, whatever follows the name")
    func equallyOld() throws {
        var mesh = Mesh()
        let port = ServicePort(name: "tcp", number: 70, meshProtocol: .tcp)
        mesh.add("a-b", addresses: ["10.96.0.1"], ports: [port])
        mesh.add("a", in: "far", addresses: ["10.96.0.1"], ports: [port])
        let listener = try mesh.resources(for: mesh.sidecar()).listener("10.96.0.1_70")
        #expect(listener?.filterChains.map(\.tcpCluster) == ["outbound|70||a.far.svc.cluster.local"])
    }

    @Test("The access log is written where the mesh says so, also of connections without a chain")
    func accessLog() throws {
        var mesh = Mesh.bookinfo
        mesh.snapshot.settings.accessLog.file = "/dev/stdout"
        let listener = try #require(try mesh.resources(for: mesh.sidecar()).listener("0.0.0.0_9080"))
        #expect(listener.accessLog.map(\.filter.responseFlagFilter.flags) == [["NR"]])
        let entries = try #require(listener.filterChains.first?.connectionManager?.accessLog)
        let log = try Envoy_Extensions_AccessLoggers_File_V3_FileAccessLog(
            unpackingAny: try #require(entries.first).typedConfig)
        #expect(log.path == "/dev/stdout")
        #expect(log.logFormat.textFormatSource.inlineString.hasPrefix("[%START_TIME%] \"%REQ(:METHOD)%"))
        #expect(log.logFormat.textFormatSource.inlineString.hasSuffix("%ROUTE_NAME%\n"))
    }

    @Test("Proxies with equal views have equal listeners, wherever they are")
    func sharing() throws {
        let mesh = Mesh.menagerie
        let here = try mesh.resources(for: mesh.sidecar(of: "client-a", at: ["10.244.9.1"]))
        let there = try mesh.resources(for: mesh.sidecar(of: "client-a", at: ["10.244.9.2"]))
        #expect(here.listeners == there.listeners)
        #expect(here.clusters == there.clusters)
    }

    @Test("Gateways listen on nothing yet")
    func router() throws {
        let mesh = Mesh.bookinfo
        let proxy = Proxy(kind: .router, name: "gw", namespace: "istio-system", addresses: ["10.244.0.9"])
        #expect(try mesh.resources(for: proxy).listeners.isEmpty)
    }
}
