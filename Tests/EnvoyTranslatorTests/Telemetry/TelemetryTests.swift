import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import KubernetesModel
import MeshModel
import MeshTranslator
import SwiftProtobuf
import Testing

@Suite("Telemetry")
struct TelemetryTests {
    static let providers = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: istio, namespace: istio-system}
        data:
          mesh: |
            extensionProviders:
            - name: json
              envoyFileAccessLog: {path: /var/log/json, logFormat: {labels: {code: "%RESPONSE_CODE%"}}}
            - name: als
              envoyHttpAls: {service: collector.logs.svc.cluster.local, port: 4317, additionalRequestHeadersToLog: [x-user]}
            - name: otel-log
              envoyOtelAls: {service: logs/collector.logs.svc.cluster.local, port: 4317}
            - name: zipkin
              zipkin: {service: collector.logs.svc.cluster.local, port: 9411, maxTagLength: 64}
            - name: otel
              opentelemetry: {service: collector.logs.svc.cluster.local, port: 4317}
            - name: nowhere
              zipkin: {service: nobody.logs.svc.cluster.local, port: 9411}
        ---

        """

    static func telemetry(_ name: String, namespace: String = "istio-system", spec: String) -> String {
        """
        apiVersion: telemetry.istio.io/v1
        kind: Telemetry
        metadata: {name: \(name), namespace: \(namespace)}
        spec: \(spec)
        ---

        """
    }

    private func resources(
        _ yaml: String, edit: (inout MeshSettings) -> Void = { _ in }
    ) throws -> Resources {
        var objects = ClusterObjects()
        for document in try JSONValue.documents(yaml: Self.providers + yaml) {
            #expect(objects.add(UnstructuredObject(document)) == [])
        }
        let translated = MeshTranslation(objects).snapshot
        var mesh = Mesh.bookinfo
        mesh.add(
            "collector", in: "logs", addresses: ["10.96.0.9"],
            ports: [
                ServicePort(name: "grpc", number: 4317, meshProtocol: .grpc),
                ServicePort(name: "http", number: 9411, meshProtocol: .http),
            ])
        mesh.snapshot.configuration = translated.configuration
        mesh.snapshot.settings = translated.settings
        edit(&mesh.snapshot.settings)
        var proxy = mesh.sidecar(at: ["10.244.0.3"])
        proxy.labels = ["app": "reviews", "version": "v1"]
        return try mesh.resources(for: proxy)
    }

    private func logs(_ resources: Resources) throws -> (inbound: [String], outbound: [String]) {
        func names(_ listener: String) throws -> [String] {
            let chains = try #require(resources.listener(listener)).filterChains
            return try #require(chains.lazy.compactMap(\.connectionManager).first).accessLog.map { log in
                switch log.name {
                case "envoy.access_loggers.file":
                    let file = try Envoy_Extensions_AccessLoggers_File_V3_FileAccessLog(
                        unpackingAny: log.typedConfig)
                    return file.path + (log.hasFilter ? "?" : "")
                default: return log.name
                }
            }
        }
        return (try names("virtualInbound"), try names("0.0.0.0_9080"))
    }

    @Test("Who logs what: the nearest that names providers decides")
    func levels() throws {
        let none = try logs(resources(""))
        #expect(none.inbound == [] && none.outbound == [])
        let mesh = try logs(resources("") { $0.accessLog.file = "/dev/stdout" })
        #expect(mesh.inbound == ["/dev/stdout"] && mesh.outbound == ["/dev/stdout"])
        let root = Self.telemetry("mesh", spec: "{accessLogging: [{providers: [{name: envoy}]}]}")
        let named = try logs(resources(root))
        #expect(named.inbound == ["/dev/stdout"] && named.outbound == ["/dev/stdout"])
        let namespace = Self.telemetry(
            "ns", namespace: "default",
            spec:
                "{accessLogging: [{match: {mode: SERVER}, providers: [{name: json}], filter: {expression: 'response.code >= 400'}}]}"
        )
        let nearer = try logs(resources(root + namespace))
        #expect(nearer.inbound == ["/var/log/json?"] && nearer.outbound == ["/dev/stdout"])
        let workload = Self.telemetry(
            "own", namespace: "default",
            spec: "{selector: {matchLabels: {app: reviews}}, accessLogging: [{disabled: true}]}")
        let silent = try logs(resources(root + namespace + workload) { $0.accessLog.file = "/dev/stdout" })
        #expect(silent.inbound == [] && silent.outbound == [])
        let others = Self.telemetry(
            "other", namespace: "default",
            spec: "{selector: {matchLabels: {app: ratings}}, accessLogging: [{disabled: true}]}")
        #expect(try logs(resources(root + others)).inbound == ["/dev/stdout"])
    }

    @Test("Services that logs go to")
    func services() throws {
        let both = Self.telemetry(
            "mesh", spec: "{accessLogging: [{providers: [{name: als}, {name: otel-log}, {name: nowhere}]}]}")
        let resources = try resources(both)
        let names = try logs(resources).outbound
        #expect(names == ["envoy.access_loggers.http_grpc", "envoy.access_loggers.open_telemetry"])
        let verdict = try EnvoyProgram.path.map { _ in try EnvoyProgram.validate(try .containing(resources)) }
        #expect(verdict?.isValid ?? true, "\(verdict?.output ?? "")")
    }

    /// The narrower says what counts, and a real Envoy knows the word.
    @Test func requestsCanGoOnWithoutTheirTrace() throws {
        let mesh = Self.telemetry(
            "mesh", spec: "{tracing: [{providers: [{name: zipkin}], disableContextPropagation: true}]}")
        let own = Self.telemetry(
            "own", namespace: "default", spec: "{tracing: [{match: {mode: SERVER}, disableContextPropagation: false}]}")
        for (yaml, expected) in [(mesh, ["in": true, "out": true]), (mesh + own, ["in": false, "out": true])] {
            let resources = try resources(yaml)
            let found = try ["in": "virtualInbound", "out": "0.0.0.0_9080"].mapValues { name in
                let chains = try #require(resources.listener(name)).filterChains
                return try #require(chains.lazy.compactMap(\.connectionManager).first).tracing.noContextPropagation
            }
            #expect(found == expected)
            let verdict = try EnvoyProgram.path.map { _ in try EnvoyProgram.validate(try .containing(resources)) }
            #expect(verdict?.isValid ?? true, "\(verdict?.output ?? "")")
        }
    }

    @Test("Where spans go, and what they carry", arguments: ["zipkin", "otel"])
    func tracing(provider: String) throws {
        let yaml = Self.telemetry(
            "mesh",
            spec: """
                {tracing: [{providers: [{name: \(provider)}], randomSamplingPercentage: 12.5, customTags: {team: {literal: {value: blue}}, user: {header: {name: x-user, defaultValue: nobody}}}}]}
                """)
        let resources = try resources(yaml)
        for listener in ["virtualInbound", "0.0.0.0_9080"] {
            let chains = try #require(resources.listener(listener)).filterChains
            let manager = try #require(chains.lazy.compactMap(\.connectionManager).first)
            #expect(manager.tracing.randomSampling.value == 12.5)
            let tags = Dictionary(uniqueKeysWithValues: manager.tracing.customTags.map { ($0.tag, $0) })
            #expect(tags["team"]?.literal.value == "blue")
            #expect(tags["user"]?.requestHeader.defaultValue == "nobody")
            #expect(tags["istio.canonical_service"]?.literal.value == "reviews")
            #expect(
                manager.tracing.provider.name
                    == (provider == "zipkin" ? "envoy.tracers.zipkin" : "envoy.tracers.opentelemetry"))
        }
        let verdict = try EnvoyProgram.path.map { _ in try EnvoyProgram.validate(try .containing(resources)) }
        #expect(verdict?.isValid ?? true, "\(verdict?.output ?? "")")
    }

    @Test("A provider whose service is not there is left out, and spans can be turned off")
    func noTracer() throws {
        let nowhere = Self.telemetry("mesh", spec: "{tracing: [{providers: [{name: nowhere}]}]}")
        let manager = try #require(
            resources(nowhere).listener("0.0.0.0_9080")?.filterChains.lazy.compactMap(\.connectionManager).first)
        #expect(!manager.tracing.hasProvider)
        let off = Self.telemetry("mesh", spec: "{tracing: [{providers: [{name: zipkin}], disableSpanReporting: true}]}")
        let silent = try #require(
            resources(off).listener("0.0.0.0_9080")?.filterChains.lazy.compactMap(\.connectionManager).first)
        #expect(!silent.hasTracing)
    }
}

@Suite("Filters that people bring along")
struct ProxyExtensionTests {
    static let plugins = """
        apiVersion: extensions.istio.io/v1alpha1
        kind: WasmPlugin
        metadata: {name: auth, namespace: default}
        spec:
          selector: {matchLabels: {app: reviews}}
          url: registry.example.com/auth:v1
          phase: AUTHN
          pluginConfig: {realm: x}
          vmConfig: {env: [{name: A, value: b}, {name: H, valueFrom: HOST}]}
        ---
        apiVersion: extensions.istio.io/v1alpha1
        kind: TrafficExtension
        metadata: {name: script, namespace: istio-system}
        spec:
          match: [{mode: SERVER, ports: [{number: 9080}]}]
          lua: {inlineCode: "function envoy_on_request(handle) end"}
        ---
        apiVersion: extensions.istio.io/v1alpha1
        kind: WasmPlugin
        metadata: {name: outgoing, namespace: istio-system}
        spec: {url: "file:///opt/filters/out.wasm", match: [{mode: CLIENT}], failStrategy: FAIL_OPEN, priority: 7}

        """

    @Test func theyStandInTheirPhases() throws {
        let mesh = try Mesh.bookinfo.configured(Self.plugins)
        var proxy = mesh.sidecar(at: ["10.244.0.3"])
        proxy.labels = ["app": "reviews"]
        let all = try xdsResources(for: proxy, view: mesh.snapshot.view(of: proxy), in: mesh.snapshot)
        let resources = Resources(all)
        let auth = "extensions.istio.io/wasmplugin/default.auth"
        let outgoing = "extensions.istio.io/wasmplugin/istio-system.outgoing"
        let script = "extensions.istio.io/trafficextension/istio-system.script"
        for chain in try #require(resources.listener("virtualInbound")).filterChains {
            guard let names = chain.connectionManager?.httpFilters.map(\.name) else { continue }
            let expected = chain.filterChainMatch.destinationPort.value == 9080 ? [auth, script] : [auth]
            #expect(Array(names.prefix(while: { $0.hasPrefix("extensions.") })) == expected)
        }
        let outbound = try #require(
            resources.listener("0.0.0.0_9080")?.filterChains.lazy.compactMap(\.connectionManager).first)
        #expect(outbound.httpFilters.map(\.name).filter { $0.hasPrefix("extensions.") } == [auth, outgoing])
        let configs = try #require(all[Envoy_Config_Core_V3_TypedExtensionConfig.typeURL])
        #expect(configs.map(\.name) == [auth, outgoing])
        let config = try #require(configs.first?.message as? Envoy_Config_Core_V3_TypedExtensionConfig)
        let wasm = try Envoy_Extensions_Filters_Http_Wasm_V3_Wasm(unpackingAny: config.typedConfig)
        #expect(wasm.config.vmConfig.code.remote.httpUri.uri == "oci://registry.example.com/auth:v1")
        #expect(wasm.config.vmConfig.environmentVariables.hostEnvKeys == ["H"])
        #expect(
            try Google_Protobuf_StringValue(unpackingAny: wasm.config.configuration).value == #"{"realm":"x"}"#)
    }
}
