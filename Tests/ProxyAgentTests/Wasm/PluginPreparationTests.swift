import DiscoveryAPI
import EnvoyAPI
import EnvoyTesting
import Foundation
import Observability
import SwiftProtobuf
import Testing
import XDSServer

@testable import WasmPlugins
@testable import XDSRelay

/// What control planes send for plug-ins.
enum PluginResource {
    typealias HTTPFilter = Envoy_Extensions_Filters_Http_Wasm_V3_Wasm
    typealias NetworkFilter = Envoy_Extensions_Filters_Network_Wasm_V3_Wasm

    static func plugin(
        _ url: String, variables: [String: String] = [:], isOpen: Bool = false
    ) -> Envoy_Extensions_Wasm_V3_PluginConfig {
        .with {
            $0.name = "shop.plugin"
            $0.failurePolicy = isOpen ? .failOpen : .failClosed
            $0.vmConfig.runtime = "envoy.wasm.runtime.v8"
            $0.vmConfig.code.remote.httpUri.uri = url
            $0.vmConfig.code.remote.httpUri.cluster = "_"
            $0.vmConfig.code.remote.httpUri.timeout = .init(seconds: 600)
            $0.vmConfig.environmentVariables.keyValues = variables
        }
    }

    static func config(_ name: String, _ filter: some Message) throws -> Envoy_Config_Core_V3_TypedExtensionConfig {
        try .with {
            $0.name = name
            $0.typedConfig = try .init(packing: filter)
        }
    }

    static func response(_ configs: [Envoy_Config_Core_V3_TypedExtensionConfig]) throws -> RelayResponse {
        RelayResponse(
            typeURL: .extensionConfig, nonce: "n", version: "1",
            resources: try configs.map { config in
                try .with {
                    $0.name = config.name
                    $0.version = "1"
                    $0.resource = try .init(packing: config)
                }
            })
    }
}

@Suite(.timeLimit(.minutes(5))) struct PluginPreparationTests {
    private let module = TestModule.addingHeader("x-made", "here")

    private func with(
        _ body: (WebServer, PluginPreparation, String) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            try await WebServer.with { [module] request, _ in
                request.path == "/good" ? .init(body: module) : .init(status: 404)
            } _: { server in
                var settings = ModuleCacheSettings()
                settings.folder = folder.path + "/modules"
                let preparation = PluginPreparation(ModuleCache(settings, logger: quiet), logger: quiet)
                try await body(server, preparation, "http://127.0.0.1:\(server.port)")
            }
        }
    }

    private func first(_ response: RelayResponse) throws -> Envoy_Config_Core_V3_TypedExtensionConfig {
        try .init(serializedBytes: try #require(response.resources.first).resource.value)
    }

    @Test func aFileTakesTheModulesPlace() async throws {
        try await with { server, preparation, base in
            let plugin = PluginResource.plugin(
                "\(base)/good", variables: ["MODE": "fast", "ISTIO_META_WASM_PLUGIN_RESOURCE_VERSION": "7"])
            let structure = try Xds_Type_V3_TypedStruct.with {
                $0.typeURL = PluginResource.HTTPFilter.typeURL
                $0.value = try .init(jsonString: PluginResource.HTTPFilter.with { $0.config = plugin }.jsonString())
            }
            let given = try [
                PluginResource.config("a", PluginResource.HTTPFilter.with { $0.config = plugin }),
                PluginResource.config("b", PluginResource.NetworkFilter.with { $0.config = plugin }),
                PluginResource.config("c", structure),
            ]
            let response = try await preparation.prepared(PluginResource.response(given)).get()
            #expect(response.resources.map(\.name) == ["a", "b", "c"])
            #expect(server.paths == ["/good"])
            for resource in response.resources {
                let config = try Envoy_Config_Core_V3_TypedExtensionConfig(serializedBytes: resource.resource.value)
                #expect(config.name == resource.name)
                let made =
                    resource.name == "b"
                    ? try PluginResource.NetworkFilter(unpackingAny: config.typedConfig).config
                    : try PluginResource.HTTPFilter(unpackingAny: config.typedConfig).config
                var expected = plugin
                expected.vmConfig.code.local.filename = made.vmConfig.code.local.filename
                expected.vmConfig.environmentVariables.keyValues = ["MODE": "fast"]
                #expect(made == expected)
                let file = URL(fileURLWithPath: made.vmConfig.code.local.filename)
                #expect(Array(try Data(contentsOf: file)) == module)
            }
        }
    }

    @Test func whatNeedsNothingStaysAsItIs() async throws {
        try await with { server, preparation, _ in
            let local = PluginResource.HTTPFilter.with { $0.config.vmConfig.code.local.filename = "/a.wasm" }
            let given = try PluginResource.response([
                PluginResource.config("a", local),
                PluginResource.config("b", Envoy_Extensions_Filters_Http_Router_V3_Router()),
                PluginResource.config("c", Xds_Type_V3_TypedStruct.with { $0.typeURL = "type.googleapis.com/x.Y" }),
            ])
            #expect(try await preparation.prepared(given).get() == given)
            #expect(server.paths.isEmpty)
        }
    }

    /// A proxy that is gone makes no plug-in a failed one.
    @Test func whatNobodyWaitsForHasNotFailed() async throws {
        let metrics = MetricsRegistry()
        try await withFolder { folder in
            try await WebServer.with { _, _ in
                .init(after: { try? await Task.sleep(for: .seconds(36_000)) })
            } _: { server in
                var settings = ModuleCacheSettings()
                settings.folder = folder.path + "/modules"
                settings.fetch.requestTimeout = .seconds(3600)
                let (words, counts) = (SaidWords(), ModuleMetrics(metrics))
                let preparation = PluginPreparation(
                    ModuleCache(settings, logger: quiet), logger: words.logger, metrics: counts)
                let plugin = PluginResource.plugin("http://127.0.0.1:\(server.port)/held", isOpen: true)
                let response = try PluginResource.response([
                    PluginResource.config("a", PluginResource.HTTPFilter.with { $0.config = plugin })
                ])
                let waiting = Task { await preparation.prepared(response) }
                try await soon("it is asked for") { !server.paths.isEmpty }
                waiting.cancel()
                guard case .failure = await waiting.value else { throw NotSo("it was there before its time") }
                #expect(!metrics.prometheusText().contains("wasm_config_conversion_count"))
                #expect(words.text.isEmpty)
            }
        }
    }

    @Test func whatMayFailOpenLetsEverythingPass() async throws {
        try await with { _, preparation, base in
            let plugin = PluginResource.plugin("\(base)/gone", isOpen: true)
            let response = try await preparation.prepared(
                PluginResource.response([
                    PluginResource.config("a", PluginResource.HTTPFilter.with { $0.config = plugin })
                ])
            ).get()
            let filter = try Envoy_Extensions_Filters_Http_Rbac_V3_RBAC(unpackingAny: first(response).typedConfig)
            #expect(filter == .init())
            let other = try await preparation.prepared(
                PluginResource.response([
                    PluginResource.config("b", PluginResource.NetworkFilter.with { $0.config = plugin })
                ])
            ).get()
            let network = try Envoy_Extensions_Filters_Network_Rbac_V3_RBAC(unpackingAny: first(other).typedConfig)
            #expect(!network.hasRules)
            #expect(!network.statPrefix.isEmpty)
        }
    }

    @Test func everythingElseRefusesTheWholeAndSaysWhy() async throws {
        try await with { _, preparation, base in
            let secret = ["ISTIO_META_WASM_IMAGE_PULL_SECRET": ""]
            let unresolved = ["ISTIO_META_WASM_IMAGE_PULL_SECRET": "kubernetes://shop/registry"]
            let given = try [
                ("a", PluginResource.plugin("\(base)/gone")), ("b", PluginResource.plugin("ftp://x/y")),
                ("c", PluginResource.plugin("oci://registry.invalid/x", variables: secret)),
                ("d", PluginResource.plugin("oci://registry.invalid/x", variables: unresolved)),
                ("e", PluginResource.plugin("\(base)/good")),
            ].map { name, plugin in
                try PluginResource.config(name, PluginResource.HTTPFilter.with { $0.config = plugin })
            }
            let outcome = try await preparation.prepared(PluginResource.response(given))
            guard case .failure(let refusal) = outcome else {
                Issue.record("it is not refused")
                return
            }
            let reasons = refusal.reason.split(separator: "; ").map(String.init)
            #expect(reasons.map { $0.prefix(2) } == ["a:", "b:", "c:", "d:"])
            #expect(reasons[0].contains("404"))
            #expect(reasons[1].contains("ftp://x/y"))
            #expect(reasons[2].contains("no image pull secret") && reasons[3].contains("no image pull secret"))
        }
    }
}

/// The relay's part: what waits, and what does not.
@Suite struct PreparedResponseTests {
    private func stream(_ variant: ProtocolVariant) -> RelayStream {
        var stream = RelayStream(variant: variant, preparedTypes: [.extensionConfig])
        _ = stream.connect()
        for typeURL in [TypeURL.extensionConfig, .route] {
            let asked: RelayRequest.Asked =
                variant == .delta
                ? .delta(subscribe: ["a"], unsubscribe: [], initialVersions: [:]) : .whole(version: "", names: ["a"])
            _ = stream.receive(RelayRequest(typeURL: typeURL, node: .with { $0.id = "me" }, asked: asked))
        }
        return stream
    }

    private func response(_ typeURL: TypeURL, _ nonce: String) -> RelayResponse {
        let resource = RelayResource.with {
            $0.name = "a"
            $0.version = nonce
            $0.resource.typeURL = typeURL.rawValue
        }
        return RelayResponse(typeURL: typeURL, nonce: nonce, version: nonce, resources: [resource])
    }

    @Test(arguments: [ProtocolVariant.delta, .stateOfTheWorld])
    func orderStaysAndOtherTypesGoOn(_ variant: ProtocolVariant) {
        var stream = stream(variant)
        let (one, two) = (response(.extensionConfig, "one"), response(.extensionConfig, "two"))
        #expect(stream.receive(one) == [.prepare(1, one)])
        #expect(stream.receive(two) == [.prepare(2, two)])
        guard case .toProxy(let route)? = stream.receive(response(.route, "r")).first else {
            Issue.record("routes wait")
            return
        }
        #expect(route.nonce == "1/r")
        #expect(stream.prepared(2, .success(two)) == [])
        let both = stream.prepared(1, .success(one))
        #expect(
            both.map { if case .toProxy(let response) = $0 { response.nonce } else { "?" } } == ["1/one", "1/two"])
    }

    @Test(arguments: [ProtocolVariant.delta, .stateOfTheWorld])
    func aRefusalIsToldInTheProxysName(_ variant: ProtocolVariant) {
        var stream = stream(variant)
        _ = stream.receive(response(.extensionConfig, "one"))
        guard case .toControlPlane(let told)? = stream.prepared(1, .failure(RelayRefusal(reason: "gone"))).first else {
            Issue.record("nothing is told")
            return
        }
        #expect(told.typeURL == .extensionConfig)
        #expect(told.nonce == "one")
        #expect(told.error?.code == 3)
        #expect(told.error?.message == "gone")
        let asked: RelayRequest.Asked =
            variant == .delta
            ? .delta(subscribe: [], unsubscribe: [], initialVersions: [:]) : .whole(version: "", names: ["a"])
        #expect(told.asked == asked)
    }

    @Test(arguments: [ProtocolVariant.delta, .stateOfTheWorld])
    func whatIsReadyLaterIsTheProxysAlone(_ variant: ProtocolVariant) {
        var stream = stream(variant)
        let one = response(.extensionConfig, "one")
        _ = stream.receive(one)
        _ = stream.prepared(1, .failure(RelayRefusal(reason: "gone", mayPass: true)))
        guard case .toProxy(let offered)? = stream.offer(one).first else {
            Issue.record("nothing is offered")
            return
        }
        #expect(offered.resources == one.resources)
        let asked: RelayRequest.Asked =
            variant == .delta
            ? .delta(subscribe: [], unsubscribe: [], initialVersions: [:]) : .whole(version: "one", names: ["a"])
        let answer = RelayRequest(typeURL: .extensionConfig, nonce: offered.nonce, asked: asked)
        #expect(stream.receive(answer) == [], "the control plane knows nothing of it")
        #expect(stream.kept[.extensionConfig]?.resources["a"]?.version == "one")
    }

    @Test(arguments: [ProtocolVariant.delta, .stateOfTheWorld])
    func whatIsWantedNoMoreIsReleased(_ variant: ProtocolVariant) {
        var stream = stream(variant)
        let asked: RelayRequest.Asked =
            variant == .delta
            ? .delta(subscribe: ["b"], unsubscribe: ["a"], initialVersions: [:]) : .whole(version: "", names: ["b"])
        let actions = stream.receive(RelayRequest(typeURL: .extensionConfig, asked: asked))
        #expect(actions.first == .released(["a"]))
        #expect(stream.wanted(.extensionConfig) == ["b"])
        #expect(stream.offer(response(.extensionConfig, "one")) == [])
    }

    @Test func whatAGoneConnectionSaidIsForgotten() {
        var stream = stream(.delta)
        let one = response(.extensionConfig, "one")
        _ = stream.receive(one)
        stream.disconnect()
        _ = stream.connect()
        #expect(stream.prepared(1, .success(one)) == [])
        #expect(stream.receive(one) == [.prepare(2, one)])
    }
}
