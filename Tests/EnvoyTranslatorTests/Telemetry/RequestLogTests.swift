import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import KubernetesModel
import MeshModel
import MeshTranslator
import SwiftProtobuf
import Testing

@Suite("Requests that agents count")
struct RequestLogTests {
    private typealias Log = Envoy_Extensions_AccessLoggers_Grpc_V3_HttpGrpcAccessLogConfig
    private typealias Stats = Envoy_Extensions_AccessLoggers_Stats_V3_Config
    private typealias AccessLog = Envoy_Config_Accesslog_V3_AccessLog
    private typealias Filter = Envoy_Config_Accesslog_V3_AccessLogFilter

    private func resources(_ spec: String = "{}", metadata: [String] = Self.metadata) throws -> Resources {
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
        let translated = MeshTranslation(objects).snapshot
        var mesh = Mesh.bookinfo
        mesh.snapshot.configuration = translated.configuration
        mesh.snapshot.settings = translated.settings
        var proxy = mesh.sidecar(at: ["10.244.0.3"])
        proxy.capabilities = ProxyCapabilities(
            ProxyNode(
                id: proxy.id, cluster: "",
                metadata: .object(Dictionary(uniqueKeysWithValues: metadata.map { ($0, "als-grpc") })),
                locality: .unknown, userAgent: "envoy", version: EnvoyVersion(1, 40)))
        return try mesh.resources(for: proxy)
    }

    private static let metadata = ["TELEMETRY_CONNECTIONS", "TELEMETRY_REQUESTS"]

    /// What counts requests, by whether they are those of peers with certificates.
    private func logs(_ listener: String, isMutualTLS: Bool? = nil, _ resources: Resources) throws -> [AccessLog] {
        let chains = try #require(resources.listener(listener)).filterChains.filter { chain in
            isMutualTLS.map { $0 == chain.hasTransportSocket } ?? true
        }
        let manager = try #require(chains.lazy.compactMap(\.connectionManager).first)
        return manager.accessLog.filter { $0.name != "envoy.access_loggers.file" }
    }

    private func names(_ logs: [AccessLog]) throws -> [String] {
        try logs.map { log in
            log.name.hasSuffix("http_grpc") ? try Log(unpackingAny: log.typedConfig).commonConfig.logName : ""
        }
    }

    private func tags(_ log: AccessLog) throws -> [String] {
        let common = try Log(unpackingAny: log.typedConfig).commonConfig
        #expect(common.grpcService.envoyGrpc.clusterName == "als-grpc")
        return common.customTags.map { "\($0.tag)=\($0.literal.value + $0.value)" }
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

    @Test("Of clients without a certificate the agent is told all, and Envoy counts nothing")
    func plaintext() throws {
        let resources = try resources()
        let logs = try logs("virtualInbound", isMutualTLS: false, resources)
        try #require(try names(logs) == ["requests/ndrsqa"])
        let tags = try tags(logs[0])
        #expect(tags.first == "reporter=destination")
        #expect(tags.contains("connection_security_policy=none") && tags.contains("response_code=%RESPONSE_CODE%"))
        #expect(tags.last == "mesh_messages=%FILTER_STATE(envoy.filters.http.grpc_stats:PLAIN)%")
        #expect(!logs[0].hasFilter)
        try expectValid(resources)
    }

    @Test("Of others it is told what Envoy does not count: who has said no name, and calls with many messages")
    func mutualTLS() throws {
        let resources = try resources()
        let logs = try logs("virtualInbound", isMutualTLS: true, resources)
        try #require(try names(logs) == ["", "", "requests/qa", "requests/ndrsqa"])
        func asksForName(_ filter: Filter) -> Bool? {
            guard filter.metadataFilter.matcher.filter == "mesh.peer" else { return nil }
            let isNamed = filter.metadataFilter.matcher.value.presentMatch
            #expect(filter.metadataFilter.matchIfKeyNotFound.value != isNamed)
            return isNamed
        }
        #expect(asksForName(logs[0].filter) == true)
        let messages = logs[1].filter.andFilter.filters
        #expect(messages.count == 2 && messages[0].headerFilter.header.name == "content-type")
        #expect(messages.count == 2 && asksForName(messages[1]) == true)
        let long = logs[2].filter.andFilter.filters
        #expect(long.count == 3 && long[0].headerFilter.header.name == "content-type", "what is cheap is asked first")
        #expect(long.count == 3 && asksForName(long[1]) == true && long[2].extensionFilter.name.hasSuffix(".cel"))
        #expect(asksForName(logs[3].filter) == false)
        #expect(try tags(logs[3]).contains("source_principal=%DOWNSTREAM_PEER_URI_SAN%"))
    }

    @Test("On the way out Envoy counts all but calls with many messages; older agents are told of connections alone")
    func others() throws {
        let resources = try resources()
        let out = try logs("0.0.0.0_9080", resources)
        try #require(try names(out) == ["", "", "requests/qa"])
        #expect(!out[0].hasFilter && out[1].filter.headerFilter.header.name == "content-type")
        #expect(out[2].filter.andFilter.filters.count == 2)
        for metadata in [[], ["TELEMETRY_CONNECTIONS"]] {
            let before = try self.resources(metadata: metadata)
            for listener in ["virtualInbound", "0.0.0.0_9080"] {
                let logs = try logs(listener, before)
                #expect(try names(logs) == ["", ""])
                #expect(!logs[0].hasFilter)
            }
        }
    }

    @Test("Metrics with other labels are told for themselves; what is turned off is not told")
    func overrides() throws {
        let resources = try resources(
            """
            {metrics: [{overrides: [
              {match: {metric: REQUEST_SIZE}, disabled: true},
              {match: {metric: REQUEST_COUNT}, tagOverrides: {host: {value: request.host}, response_flags: {operation: REMOVE}}}]}]}
            """)
        let logs = try logs("virtualInbound", isMutualTLS: false, resources)
        try #require(try names(logs) == ["requests/n", "requests/dsqa"])
        let (changed, usual) = (Set(try tags(logs[0])), Set(try tags(logs[1])))
        #expect(
            changed.subtracting(usual) == [
                "host=%CEL(request.host)%", "mesh_removed=response_flags", "mesh_changed=host",
            ])
        #expect(usual.subtracting(changed) == ["response_flags=%RESPONSE_FLAGS%"])
        try expectValid(resources)
        let none = try self.resources("{metrics: [{overrides: [{disabled: true}]}]}")
        #expect(try self.logs("virtualInbound", none).isEmpty && self.logs("0.0.0.0_9080", none).isEmpty)
    }

    @Test("What it costs a listener is little")
    func size() throws {
        let (with, without) = (try resources(), try resources(metadata: ["TELEMETRY_CONNECTIONS"]))
        for (name, limit) in [("virtualInbound", 1000), ("0.0.0.0_9080", 1500)] {
            let more =
                try #require(with.listener(name)).serializedData().count
                - #require(without.listener(name)).serializedData().count
            #expect(more < limit, "\(name): \(more) bytes more")
        }
    }
}
