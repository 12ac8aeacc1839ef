import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import KubernetesModel
import MeshModel
import MeshTranslator
import SwiftProtobuf
import Testing

@Suite("EnvoyFilters of bootstraps")
struct BootstrapPatchTests {
    private typealias Bootstrap = Envoy_Config_Bootstrap_V3_Bootstrap

    private static func patch(_ value: String, match: String = "{}", operation: String = "MERGE") -> String {
        """
        - applyTo: BOOTSTRAP
          match: \(match)
          patch: {operation: \(operation), value: \(value)}
        """
    }

    private func bootstraps(_ yaml: String, kind: Proxy.Kind = .sidecar, said: JSONValue = [:]) throws -> [Bootstrap] {
        let mesh = try Mesh.bookinfo.configured(yaml)
        var proxy = mesh.sidecar()
        proxy.kind = kind
        proxy.metadata = said
        let all = try xdsResources(for: proxy, view: mesh.snapshot.view(of: proxy), in: mesh.snapshot)
        let resources = try #require(all[Bootstrap.typeURL])
        #expect(resources.allSatisfy { $0.name == "bootstrap" })
        return resources.compactMap { $0.message as? Bootstrap }
    }

    @Test(arguments: [Proxy.Kind.sidecar, .router])
    func thereIsAnAnswerAlsoWithoutPatches(kind: Proxy.Kind) throws {
        #expect(try bootstraps("", kind: kind) == [Bootstrap()])
    }

    @Test func patchesAreMergedInTheirOrder() throws {
        let yaml =
            EnvoyFilterTests.filter(
                "late", namespace: "default",
                patches: Self.patch("{stats_flush_interval: 7s, node: {cluster: own, id: mine}}"))
            + EnvoyFilterTests.filter(
                "early",
                patches: Self.patch("{statsFlushInterval: 1.5s, stats_config: {stats_tags: [{tag_name: a}]}}")
                    + "\n"
                    + Self.patch("{stats_config: {stats_tags: [{tag_name: b}]}, watchdogs: {worker_watchdog: {}}}"))
        let expected = Bootstrap.with {
            $0.statsFlushInterval = .init(seconds: 7)
            // Who a proxy is, nobody else can say.
            $0.node.cluster = "own"
            $0.statsConfig.statsTags = [.with { $0.tagName = "a" }, .with { $0.tagName = "b" }]
            $0.watchdogs.workerWatchdog = .init()
        }
        #expect(try bootstraps(yaml) == [expected])
    }

    @Test(arguments: [
        ("{}", [true, true]), ("{context: ANY}", [true, true]), ("{context: SIDECAR_INBOUND}", [true, false]),
        ("{context: SIDECAR_OUTBOUND}", [true, false]), ("{context: GATEWAY}", [false, true]),
        ("{proxy: {metadata: {TEAM: blue}}}", [true, true]), ("{proxy: {metadata: {TEAM: red}}}", [false, false]),
        (#"{proxy: {proxyVersion: "^1\\.30"}}"#, [true, true]),
        (#"{proxy: {proxyVersion: "^1\\.29"}}"#, [false, false]),
    ])
    func whoIsMeant(match: String, expected: [Bool]) throws {
        let yaml = EnvoyFilterTests.filter(patches: Self.patch("{header_prefix: x-own}", match: match))
        let said: JSONValue = ["TEAM": "blue", "ISTIO_VERSION": "1.30.0"]
        let found = try [Proxy.Kind.sidecar, .router].map { kind in
            try bootstraps(yaml, kind: kind, said: said).first?.headerPrefix == "x-own"
        }
        #expect(found == expected)
    }

    @Test func nothingElseIsChanged() throws {
        let mesh = Mesh.bookinfo
        let yaml = EnvoyFilterTests.filter(patches: Self.patch("{header_prefix: x-own}"))
        let (before, after) = (try mesh.resources(for: mesh.sidecar()), try mesh.configured(yaml))
        let patched = try after.resources(for: after.sidecar())
        #expect(before.clusters == patched.clusters)
        #expect(before.listeners == patched.listeners)
        #expect(before.routes == patched.routes)
    }

    @Test(arguments: [
        (patch("{header_prefix: x}", operation: "MERGE_AND_REPLACE_LIST"), "spec.configPatches[0].patch.operation"),
        (patch("{header_prefix: x}", match: "{cluster: {}}"), "spec.configPatches[0].match.cluster"),
        (patch("{no_such_field: 1}"), "spec.configPatches[0].patch.value"),
        (patch("{stats_flush_interval: soon}"), "spec.configPatches[0].patch.value"),
    ])
    func mistakesAreTold(patch: String, path: String) throws {
        var objects = ClusterObjects()
        for document in try JSONValue.documents(yaml: EnvoyFilterTests.filter(patches: patch)) {
            #expect(objects.add(UnstructuredObject(document)) == [])
        }
        let translation = MeshTranslation(objects)
        let filters = translation.snapshot.configuration.envoyFilters.values
        let told = translation.diagnostics.values.flatMap(\.self) + filters.flatMap(diagnostics(of:))
        #expect(told.map(\.path) == [path])
    }

    /// As an agent does: what was written, and then the patch, as one message.
    @Test(.enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)"))
    func aRealEnvoyStartsWithIt() throws {
        let yaml = EnvoyFilterTests.filter(
            patches: Self.patch(
                """
                {stats_sinks: [{name: envoy.stat_sinks.statsd, typed_config: {"@type": type.googleapis.com/envoy.config.metrics.v3.StatsdSink, tcp_cluster_name: sink}}],
                 static_resources: {clusters: [{name: sink, type: STATIC, connect_timeout: 1s, load_assignment: {cluster_name: sink, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 8125}}}}]}]}}]},
                 watchdogs: {main_thread_watchdog: {miss_timeout: 2s}, worker_watchdog: {megamiss_timeout: 4s}},
                 overload_manager: {resource_monitors: [{name: envoy.resource_monitors.fixed_heap, typed_config: {"@type": type.googleapis.com/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig, max_heap_size_bytes: 2147483648}}]}}
                """))
        let patch = try #require(bootstraps(yaml).first)
        let written = Bootstrap.with {
            $0.node.id = "sidecar~10.244.0.1~a.default~default.svc.cluster.local"
            $0.node.cluster = "a.default"
        }
        let patched = try Bootstrap(serializedBytes: try written.stableBytes() + patch.stableBytes())
        #expect(patched.node == written.node)
        let verdict = try EnvoyProgram.validate(patched)
        #expect(verdict.isValid, "\(verdict.output)")
    }
}
