import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import KubernetesModel
import MeshModel
import MeshTranslator
import SwiftProtobuf
import Testing

@Suite("Metrics: what is counted, and with which labels")
struct MetricsConfigurationTests {
    private typealias Stats = Envoy_Extensions_AccessLoggers_Stats_V3_Config

    private func translation(_ yaml: String, providers: String = "[prometheus]") throws -> MeshTranslation {
        let settings = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: istio, namespace: istio-system}
            data:
              mesh: |
                defaultProviders: {metrics: \(providers)}
                extensionProviders:
                - {name: own, prometheus: {}}
                - {name: elsewhere, stackdriver: {}}
            ---

            """
        var objects = ClusterObjects()
        for document in try JSONValue.documents(yaml: settings + yaml) {
            #expect(objects.add(UnstructuredObject(document)) == [])
        }
        return MeshTranslation(objects)
    }

    private func resources(
        _ yaml: String = "", providers: String = "[prometheus]", edit: (inout Proxy) -> Void = { _ in }
    ) throws -> Resources {
        let translated = try translation(yaml, providers: providers).snapshot
        var mesh = Mesh.bookinfo
        mesh.snapshot.configuration = translated.configuration
        mesh.snapshot.settings = translated.settings
        var proxy = mesh.sidecar(at: ["10.244.0.3"])
        proxy.labels = ["app": "reviews"]
        edit(&proxy)
        return try mesh.resources(for: proxy)
    }

    /// The tags of each metric of a listener's requests, in order, as `name=format`.
    private func metrics(_ listener: String, _ resources: Resources) throws -> [String: [String]] {
        let manager = try #require(
            resources.listener(listener)?.filterChains.lazy.compactMap(\.connectionManager).first)
        return try tags(manager.accessLog)
    }

    private func tags(_ logs: [Envoy_Config_Accesslog_V3_AccessLog]) throws -> [String: [String]] {
        var found: [String: [String]] = [:]
        for log in logs where log.name == "envoy.access_loggers.stats" {
            let stats = try Stats(unpackingAny: log.typedConfig)
            #expect(stats.statPrefix == "mesh")
            for stat in stats.counters.map(\.stat) + stats.histograms.map(\.stat) {
                found[stat.name] = stat.tags.map { "\($0.name)=\($0.valueFormat)" }
            }
        }
        return found
    }

    private static func telemetry(_ name: String, namespace: String = "istio-system", _ spec: String) -> String {
        """
        apiVersion: telemetry.istio.io/v1
        kind: Telemetry
        metadata: {name: \(name), namespace: \(namespace)}
        spec: \(spec)
        ---

        """
    }

    private func expectValid(_ resources: Resources) throws {
        guard EnvoyProgram.path != nil else { return }
        let verdict = try EnvoyProgram.validate(try .containing(resources))
        #expect(verdict.isValid, "\(verdict.output)")
    }

    private static let requests: Set<String> = [
        "istio_requests_total", "istio_request_duration_milliseconds", "istio_request_bytes", "istio_response_bytes",
        "istio_messages",
    ]

    @Test("Prometheus is whom metrics are for, under whatever name; without it nothing is counted or said to peers")
    func providers() throws {
        for (providers, isMeasured) in [
            ("[prometheus]", true), ("[own]", true), ("[elsewhere, own]", true), ("[elsewhere]", false), ("[]", false),
            ("[nobody]", false),
        ] {
            let resources = try resources(providers: providers)
            for listener in ["virtualInbound", "0.0.0.0_9080"] {
                let names = Set(try metrics(listener, resources).keys)
                #expect(names == (isMeasured ? Self.requests : []), "\(providers) \(listener)")
                let manager = try #require(
                    resources.listener(listener)?.filterChains.lazy.compactMap(\.connectionManager).first)
                let filters = manager.httpFilters.map(\.name)
                #expect(
                    filters.contains("envoy.filters.http.header_mutation") == isMeasured, "\(providers) \(listener)")
            }
            if isMeasured { try expectValid(resources) }
        }
        let named = Self.telemetry("mesh", "{metrics: [{providers: [{name: own}]}]}")
        #expect(try metrics("virtualInbound", resources(named, providers: "[]")).count == 5)
        let away = Self.telemetry("mesh", "{metrics: [{providers: [{name: elsewhere}]}]}")
        #expect(try metrics("virtualInbound", resources(away)).isEmpty)
    }

    @Test("A proxy that counts by a filter of Istio's own, or is too old, is sent nothing of it")
    func capabilities() throws {
        for capabilities in [
            ProxyCapabilities(hasIstioFilters: true), ProxyCapabilities(version: EnvoyVersion(1, 30, 0)),
        ] {
            let resources = try resources { $0.capabilities = capabilities }
            for listener in ["virtualInbound", "0.0.0.0_9080"] {
                #expect(try metrics(listener, resources).isEmpty)
            }
        }
    }

    @Test("What a Telemetry turns off, takes away and puts in, on each side by itself")
    func overrides() throws {
        let yaml = Self.telemetry(
            "mesh",
            """
            {metrics: [{reportingInterval: 10s, overrides: [
              {match: {metric: REQUEST_SIZE}, disabled: true},
              {match: {metric: RESPONSE_SIZE, mode: CLIENT}, disabled: true},
              {match: {metric: REQUEST_COUNT, mode: SERVER}, tagOverrides: {
                 response_flags: {operation: REMOVE}, source_principal: {operation: REMOVE},
                 team: {value: "'100% blue'"}, request_host: {value: request.host},
                 port: {operation: UPSERT, value: string(destination.port)},
                 kind: {value: "'x-kind' in request.headers ? request.headers['x-kind'] : 'none'"},
                 where: {value: "node.metadata['NAME']"}, source_app: {value: "source.address"}}}]}]}
            """)
        let resources = try resources(yaml)
        let client = try metrics("0.0.0.0_9080", resources)
        #expect(Set(client.keys) == Self.requests.subtracting(["istio_request_bytes", "istio_response_bytes"]))
        #expect(client["istio_requests_total"]?.contains("response_flags=%RESPONSE_FLAGS%") == true)
        let server = try metrics("virtualInbound", resources)
        #expect(Set(server.keys) == Self.requests.subtracting(["istio_request_bytes"]))
        let changed = Set(server["istio_requests_total"] ?? [])
        let usual = Set(server["istio_response_bytes"] ?? [])
        #expect(usual.subtracting(changed) == ["response_flags=%RESPONSE_FLAGS%"])
        #expect(
            changed.subtracting(usual) == [
                "mesh_removed=response_flags,source_principal", "team=100%% blue", "request_host=%CEL(request.host)%",
                "port=%CEL(destination.port)%",
                "kind=%CEL('x-kind' in request.headers ? request.headers['x-kind'] : 'none')%",
                "where=%CEL(xds.node.metadata['NAME'])%", "source_app=%CEL(source.address)%",
            ])
        try expectValid(resources)
    }

    @Test("The nearer adds to what the more general says, and can turn on again")
    func levels() throws {
        let root = Self.telemetry(
            "mesh",
            """
            {metrics: [{overrides: [{match: {metric: ALL_METRICS}, disabled: true},
              {tagOverrides: {a: {value: "'root'"}, b: {value: "'root'"}}}]}]}
            """)
        #expect(try metrics("virtualInbound", resources(root)).isEmpty)
        let namespace = Self.telemetry(
            "ns", namespace: "default",
            """
            {metrics: [{overrides: [{match: {metric: REQUEST_COUNT}, disabled: false},
              {match: {customMetric: istio_requests_total}, tagOverrides: {b: {value: "'near'"}}}]}]}
            """)
        let near = try metrics("virtualInbound", resources(root + namespace))
        #expect(Set(near.keys) == ["istio_requests_total"])
        #expect(
            near["istio_requests_total"]?.filter { $0.hasPrefix("a=") || $0.hasPrefix("b=") } == ["a=root", "b=near"])
    }

    @Test("Counting costs a listener a few kilobytes, and clusters, endpoints and routes nothing")
    func size() throws {
        let (with, without) = (try resources(), try resources(providers: "[]"))
        func bytes(_ messages: [any Message]) throws -> Int {
            try messages.reduce(0) { try $0 + $1.serializedData().count }
        }
        #expect(try bytes(with.clusters) == bytes(without.clusters))
        #expect(try bytes(with.endpoints) == bytes(without.endpoints))
        #expect(try bytes(with.routes) == bytes(without.routes))
        for (name, limit) in [("0.0.0.0_9080", 5500), ("10.96.0.5_3306", 2000), ("virtualInbound", 16_000)] {
            let more = try bytes([try #require(with.listener(name))]) - bytes([try #require(without.listener(name))])
            #expect((1..<limit).contains(more), "\(name): \(more) bytes more")
        }
    }

    @Test("Connections are told when they begin; logs tell them once")
    func connections() throws {
        func proxy(_ yaml: String) throws -> Envoy_Extensions_Filters_Network_TcpProxy_V3_TcpProxy {
            let log = Self.telemetry(
                "log", "{accessLogging: [{providers: [{name: envoy}], filter: {expression: 'connection.mtls'}}]}")
            let chain = try resources(log + yaml).listener("10.96.0.5_3306")?.filterChains.first
            let found = chain?.filters.compactMap {
                try? Envoy_Extensions_Filters_Network_TcpProxy_V3_TcpProxy(unpackingAny: $0.typedConfig)
            }
            return try #require(found?.last)
        }
        let all = try proxy("")
        #expect(all.accessLogOptions.flushAccessLogOnConnected)
        #expect(all.accessLog.map(\.filter.logTypeFilter.types) == [[], [.tcpUpstreamConnected], [.tcpConnectionEnd]])
        #expect(all.accessLog[0].filter.andFilter.filters.first?.logTypeFilter.types == [.tcpConnectionEnd])
        #expect(
            Set(try tags(all.accessLog).keys) == [
                "istio_tcp_connections_opened_total", "istio_tcp_connections_closed_total",
                "istio_tcp_sent_bytes_total",
                "istio_tcp_received_bytes_total",
            ])
        let unopened = try proxy(
            Self.telemetry(
                "a", namespace: "default",
                "{metrics: [{overrides: [{match: {metric: TCP_OPENED_CONNECTIONS}, disabled: true}]}]}"))
        #expect(!unopened.accessLogOptions.flushAccessLogOnConnected)
        #expect(unopened.accessLog[0].filter.extensionFilter.name.hasSuffix(".cel"))
        #expect(try tags(unopened.accessLog)["istio_tcp_connections_closed_total"]?.last == "mesh_only_closed=1")
    }

    @Test(
        "What proxies could not read never gets to them, and is told",
        arguments: [
            ("request.path ==", "where a value should be"), ("request.headers['x'", "its end"),
            ("request.path.split('/')[0]", "split"),
            ("request.headers.exists(h, h == 'x')", "exists"), ("string(1) == 'a'", "string"), ("a b", "b"),
            ("'open", "without an end"), ("request.path.matches('(')", "pattern"), ("1 % 2", "%"),
            ("'a%'== request.path", "%"),
            ("r'raw'", "kind r"), ("has(request)", "has()"), ("has(request.headers['x'])", "has()"),
            ("has(a.b == 1)", "should be"), ("size()", "size"), ("é", "outside of quotation marks"),
            ("()", ")"), (".request.path == 'x'", "dot"),
        ])
    func faults(expression: String, reason: String) throws {
        let quoted = expression.replacing("'", with: "''")
        let yaml = Self.telemetry("mesh", "{metrics: [{overrides: [{tagOverrides: {x: {value: '\(quoted)'}}}]}]}")
        let told = try translation(yaml).diagnostics.values.flatMap(\.self)
        #expect(told.count == 1 && told[0].path == "spec.metrics[0].overrides[0].tagOverrides.x.value", "\(told)")
        #expect(told.first?.message.contains(reason) == true, "\(told)")
        let resources = try resources(yaml)
        #expect(
            try metrics("virtualInbound", resources)["istio_requests_total"]?.contains { $0.hasPrefix("x=") } == false)
    }

    @Test(
        "Attributes that proxies do not know are named; what they can read, they take",
        arguments: [
            ("source.workload.name", ["source.workload"]),
            ("api.operation == 'x' ? request.nope : ''", ["api.operation", "request.nope"]),
            ("has(request.headers.x) ? request.headers.x : request.url_path", []),
            ("response.code >= 500 && response.flags != 0 || !connection.mtls", []),
            ("upstream.address in ['a', \"b\"]", []), ("metadata.filter_metadata['x'].y.size() + 1 - -2 * 3 / 4", []),
            ("filter_state['x'].contains('y') || matches(request.host, '^a+$')", []), ("xds.cluster_name", []),
            ("!!connection.mtls || !!!(response.code > 400)", []), ("--1 < 2 - -3", []),
            ("listener_direction == 2", []), ("int(request.size) > 1.5 ? 'big' : true ? 'a' : null", []),
        ])
    func attributes(expression: String, unknown: [String]) throws {
        let quoted = expression.replacing("'", with: "''")
        let yaml = Self.telemetry("mesh", "{metrics: [{overrides: [{tagOverrides: {x: {value: '\(quoted)'}}}]}]}")
        let told = try translation(yaml).diagnostics.values.flatMap(\.self)
        #expect(told.count == unknown.count, "\(told)")
        for name in unknown { #expect(told.contains { $0.message.hasPrefix("\(name) is no attribute") }, "\(told)") }
        try expectValid(resources(yaml))
    }

    @Test("Labels and metrics that cannot be are told and left out, and so is a log whose filter nobody can read")
    func names() throws {
        let yaml = Self.telemetry(
            "mesh",
            """
            {metrics: [{providers: [{name: nobody}], overrides: [{tagOverrides: {"a-b": {value: "'x'"}}}, {match: {customMetric: mine}, disabled: true}]}],
             accessLogging: [{providers: [{name: envoy}], filter: {expression: "response.code >="}}]}
            """)
        let translated = try translation(yaml)
        let paths = Set(translated.diagnostics.values.flatMap(\.self).map(\.path))
        #expect(
            paths == [
                "spec.metrics[0].providers", "spec.metrics[0].overrides[0].tagOverrides.a-b",
                "spec.metrics[0].overrides[1].match.customMetric", "spec.accessLogging[0].filter.expression",
            ])
        #expect(translated.snapshot.configuration.telemetries.values.first?.accessLogging.first?.filter == "false")
        try expectValid(resources(yaml))
    }
}
