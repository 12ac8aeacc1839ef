import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import KubernetesModel
import MeshMetrics
import MeshModel
import MeshTranslator
import SwiftProtobuf
import Testing

@Suite("Connections that agents count")
struct ConnectionLogTests {
    private typealias TCPProxy = Envoy_Extensions_Filters_Network_TcpProxy_V3_TcpProxy
    private typealias Log = Envoy_Extensions_AccessLoggers_Grpc_V3_TcpGrpcAccessLogConfig

    private func translation(_ spec: String) throws -> MeshTranslation {
        let yaml = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: istio, namespace: istio-system}
            data: {mesh: "defaultProviders: {metrics: [prometheus]}"}
            ---
            apiVersion: telemetry.istio.io/v1
            kind: Telemetry
            metadata: {name: mesh, namespace: istio-system}
            spec: \(spec)
            """
        var objects = ClusterObjects()
        for document in try JSONValue.documents(yaml: yaml) {
            #expect(objects.add(UnstructuredObject(document)) == [])
        }
        return MeshTranslation(objects)
    }

    private func resources(_ spec: String = "{}", hasLog: Bool = true) throws -> Resources {
        let translated = try translation(spec).snapshot
        var mesh = Mesh.bookinfo
        mesh.snapshot.configuration = translated.configuration
        mesh.snapshot.settings = translated.settings
        var proxy = mesh.sidecar(at: ["10.244.0.7"])
        proxy.capabilities = ProxyCapabilities(
            ProxyNode(
                id: proxy.id, cluster: "", metadata: hasLog ? ["TELEMETRY_CONNECTIONS": "als-grpc"] : [:],
                locality: .unknown, userAgent: "envoy", version: EnvoyVersion(1, 40)))
        return try mesh.resources(for: proxy)
    }

    private func proxies(_ listener: String, _ resources: Resources) throws -> [TCPProxy] {
        let chains = try #require(resources.listener(listener)).filterChains
        return chains.filter { !$0.name.hasSuffix("blackhole") }.flatMap(\.filters).compactMap {
            try? TCPProxy(unpackingAny: $0.typedConfig)
        }
    }

    /// What is told, and with which tags, by the names of logs.
    private func logs(_ proxy: TCPProxy) throws -> [String: [String]] {
        var found: [String: [String]] = [:]
        for log in proxy.accessLog where log.name == "envoy.access_loggers.tcp_grpc" {
            let common = try Log(unpackingAny: log.typedConfig).commonConfig
            #expect(common.grpcService.envoyGrpc.clusterName == "als-grpc")
            #expect(log.filter.logTypeFilter.types == [.tcpUpstreamConnected, .tcpPeriodic, .tcpConnectionEnd])
            found[common.logName] = common.customTags.map { "\($0.tag)=\($0.literal.value + $0.value)" }
        }
        return found
    }

    private func expectValid(_ resources: Resources) throws {
        guard EnvoyProgram.path != nil else { return }
        var resources = resources
        resources.clusters.append(
            .with {
                $0.name = "als-grpc"
                $0.type = .static
            })
        let verdict = try EnvoyProgram.validate(try .containing(resources))
        #expect(verdict.isValid, "\(verdict.output)")
    }

    @Test("Envoy tells of each connection when it begins, while it is open and when it ends, and counts none itself")
    func told() throws {
        let resources = try resources()
        let common = "connections/ocsr"
        let inbound = try proxies("virtualInbound", resources)
        #expect(inbound.count > 1)
        for proxy in try inbound + proxies("10.96.0.5_3306", resources) {
            #expect(proxy.accessLogOptions.flushAccessLogOnConnected)
            #expect(proxy.accessLogOptions.accessLogFlushInterval == .init(seconds: 5))
            #expect(try logs(proxy).keys.sorted() == [common])
            #expect(!proxy.accessLog.contains { $0.name == "envoy.access_loggers.stats" })
        }
        let tags = try inbound.map { try logs($0)[common] ?? [] }
        #expect(tags.allSatisfy { $0.first == "reporter=destination" && $0.last == "response_flags=%RESPONSE_FLAGS%" })
        #expect(tags.contains { $0.contains("source_principal=%DOWNSTREAM_PEER_URI_SAN%") })
        #expect(tags.contains { $0.contains("connection_security_policy=none") })
        // Requests are counted where they were.
        let manager = try #require(
            resources.listener("virtualInbound")?.filterChains.lazy.compactMap(\.connectionManager).first)
        #expect(manager.accessLog.contains { $0.name == "envoy.access_loggers.stats" })
        try expectValid(resources)
    }

    @Test("A proxy without such an agent counts itself")
    func without() throws {
        let resources = try resources(hasLog: false)
        for proxy in try proxies("virtualInbound", resources) {
            #expect(try logs(proxy).isEmpty)
            #expect(!proxy.accessLogOptions.hasAccessLogFlushInterval)
            #expect(proxy.accessLog.contains { $0.name == "envoy.access_loggers.stats" })
        }
    }

    @Test("Metrics with other labels are told for themselves; what is turned off is not told")
    func overrides() throws {
        let resources = try resources(
            """
            {accessLogging: [{providers: [{name: envoy}]}], metrics: [{reportingInterval: 10s, overrides: [
              {match: {metric: TCP_CLOSED_CONNECTIONS}, disabled: true},
              {match: {metric: TCP_SENT_BYTES}, tagOverrides: {team: {value: "'100% blue'"}, source_app: {operation: REMOVE}}}]}]}
            """)
        let proxy = try #require(try proxies("10.96.0.5_3306", resources).first)
        let logs = try logs(proxy)
        #expect(logs.keys.sorted() == ["connections/or", "connections/s"])
        let usual = Set(logs["connections/or"] ?? [])
        #expect(
            Set(logs["connections/s"] ?? []).subtracting(usual) == [
                "mesh_removed=source_app", "mesh_changed=team", "team=100%% blue",
            ])
        #expect(proxy.accessLogOptions.accessLogFlushInterval == .init(seconds: 10))
        let file = try #require(proxy.accessLog.first { $0.name == "envoy.access_loggers.file" })
        #expect(file.filter.logTypeFilter.types == [.tcpConnectionEnd], "people's logs tell a connection once")
        try expectValid(resources)
    }

    @Test(
        "An interval that cannot be is told, and the nearest counts",
        arguments: [("1ms", 1), ("1h", 300), ("often", 5), ("-1s", 5), ("1m", 60)])
    func interval(text: String, seconds: Int64) throws {
        let spec = "{metrics: [{reportingInterval: \(text)}]}"
        let proxy = try #require(try proxies("10.96.0.5_3306", resources(spec)).first)
        #expect(proxy.accessLogOptions.accessLogFlushInterval == .init(seconds: seconds))
        let told = try translation(spec).diagnostics.values.flatMap(\.self).map(\.path)
        #expect(told == (text == "1m" ? [] : ["spec.metrics[0].reportingInterval"]))
    }

    @Test("What it costs a listener is about what counting in Envoy does")
    func size() throws {
        let (with, without) = (try resources(), try resources(hasLog: false))
        for name in ["virtualInbound", "10.96.0.5_3306"] {
            let more =
                try #require(with.listener(name)).serializedData().count
                - #require(without.listener(name)).serializedData().count
            #expect(more < 0, "\(name): \(more) bytes more")
        }
    }
}
