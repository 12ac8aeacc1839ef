import EnvoyAPI
import EnvoyTranslator
import MeshModel
import MeshTranslator
import SwiftProtobuf
import Testing

@Suite("Modules of plug-ins")
struct WasmModuleTests {
    private static let plugins = """
        apiVersion: extensions.istio.io/v1alpha1
        kind: WasmPlugin
        metadata: {name: private, namespace: default, generation: 4}
        spec: {url: "oci://registry.example.com/a:1", imagePullPolicy: Always, imagePullSecret: registry}
        ---
        apiVersion: extensions.istio.io/v1alpha1
        kind: WasmPlugin
        metadata: {name: public, namespace: default, generation: 5}
        spec: {url: "https://example.com/a.wasm", imagePullPolicy: IfNotPresent}
        ---
        apiVersion: extensions.istio.io/v1alpha1
        kind: WasmPlugin
        metadata: {name: schemed, namespace: default}
        spec: {url: "oci://registry.example.com/a:2", imagePullSecret: "kubernetes://elsewhere/registry"}
        ---
        apiVersion: extensions.istio.io/v1alpha1
        kind: WasmPlugin
        metadata: {name: local, namespace: default}
        spec: {url: "file:///a.wasm", imagePullPolicy: Always}

        """

    @Test("An agent is told how to fetch them; what it puts in the place of one may be put there")
    func agentsAreTold() throws {
        let mesh = try Mesh.bookinfo.configured(Self.plugins)
        let proxy = mesh.sidecar(at: ["10.244.0.3"])
        let all = try xdsResources(for: proxy, view: mesh.snapshot.view(of: proxy), in: mesh.snapshot)
        var told: [String: [String: String]] = [:]
        for resource in try #require(all[Envoy_Config_Core_V3_TypedExtensionConfig.typeURL]) {
            let config = try #require(resource.message as? Envoy_Config_Core_V3_TypedExtensionConfig)
            let wasm = try Envoy_Extensions_Filters_Http_Wasm_V3_Wasm(unpackingAny: config.typedConfig)
            let name = String(config.name.split(separator: ".").last ?? "")
            told[name] = wasm.config.vmConfig.environmentVariables.keyValues
        }
        let prefix = "ISTIO_META_WASM_"
        // The Secret is of the plug-in's own namespace, whatever it says.
        let expected: [String: [String: String]] = [
            "private": [
                "\(prefix)IMAGE_PULL_POLICY": "Always", "\(prefix)PLUGIN_RESOURCE_VERSION": "4",
                "\(prefix)IMAGE_PULL_SECRET": "kubernetes://default/registry",
            ],
            "public": ["\(prefix)IMAGE_PULL_POLICY": "IfNotPresent"],
            "schemed": ["\(prefix)IMAGE_PULL_SECRET": "kubernetes://default/registry"], "local": [:],
        ]
        #expect(told == expected)
        let inbound = try #require(Resources(all).listener("virtualInbound"))
        let filters = inbound.filterChains.compactMap(\.connectionManager).flatMap(\.httpFilters)
        let fetched = filters.filter { $0.name.hasPrefix("extensions.istio.io/") }
        #expect(!fetched.isEmpty)
        for filter in fetched {
            #expect(
                filter.configDiscovery.typeUrls == [
                    Envoy_Extensions_Filters_Http_Wasm_V3_Wasm.typeURL,
                    Envoy_Extensions_Filters_Http_Rbac_V3_RBAC.typeURL,
                ])
        }
    }
}
