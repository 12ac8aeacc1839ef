import ControlPlane
import DiscoveryServer
import EnvoyAPI
import KubernetesModel
import SecretDiscovery
import SwiftProtobuf
import Testing
import XDSServer

@Suite("Image pull secrets of plug-ins", .timeLimit(.minutes(1))) struct PullSecretSourceTests {
    private typealias Filter = Envoy_Extensions_Filters_Http_Wasm_V3_Wasm
    private static let variable = "ISTIO_META_WASM_IMAGE_PULL_SECRET"

    private let secrets = FakeSecrets()
    private let inner = StaticSource()

    private func plugin(_ name: String, _ variables: [String: String]) throws -> Resource {
        let config = try Envoy_Config_Core_V3_TypedExtensionConfig.with {
            $0.name = name
            let filter = Filter.with {
                $0.config.name = name
                $0.config.vmConfig.environmentVariables.keyValues = variables
            }
            $0.typedConfig = try .init(packing: filter)
        }
        return Resource(name: name, body: try config.stableBytes())
    }

    private func put(_ text: String, _ name: String, in namespace: String) {
        secrets.put(
            CredentialSecret(
                key: ObjectKey(namespace: namespace, name: name), parts: [.dockerConfig: Array(text.utf8)]))
    }

    private func client(_ namespace: String, isProven: Bool = true) -> DiscoveryClient {
        DiscoveryClient(
            node: NodeIdentity(id: "sidecar~10.0.0.1~web.\(namespace)~\(namespace).svc.cluster.local"),
            identity: PeerIdentity(names: isProven ? ["spiffe://cluster.local/ns/\(namespace)/sa/web"] : []),
            variant: .delta)
    }

    /// What a stream's plug-in sees in the variable; nil: there is no such plug-in.
    private func content(_ cache: ResourceCache, _ name: String = "p") throws -> String? {
        guard let body = cache[.extensionConfig, name]?.body else { return nil }
        let config = try Envoy_Config_Core_V3_TypedExtensionConfig(serializedBytes: body)
        return try Filter(unpackingAny: config.typedConfig).config.vmConfig.environmentVariables
            .keyValues[Self.variable] ?? "unset"
    }

    @Test("The proxies of the plug-in's namespace get its content, as it is now; nobody else does")
    func ownNamespace() async throws {
        put("first", "registry", in: "shop")
        put("theirs", "registry", in: "other")
        let plugin = try plugin("p", [Self.variable: "kubernetes://shop/registry", "MODE": "fast"])
        let plain = try self.plugin("q", ["MODE": "slow"])
        inner.update { _ = $0.replace(.extensionConfig, with: [plugin, plain]) }
        let source = PullSecretSource(inner, secrets: secrets)
        let mine = try await source.subscribe(client("shop"))
        #expect(try content(mine.current) == "first")
        #expect(mine.current[.extensionConfig, "q"]?.body == plain.body)
        #expect(secrets.retained == ["shop": 1])
        for stranger in [client("other"), client("shop", isProven: false)] {
            let theirs = try await source.subscribe(stranger)
            #expect(try content(theirs.current) == "")
        }
        put("second", "registry", in: "shop")
        for await cache in mine.updates where try content(cache) == "second" { break }
        secrets.remove("registry", in: "shop")
        for await cache in mine.updates where try content(cache) == "" { break }
        // What the streams share still says only which Secret it is.
        let shared = inner.subscribe(client("shop"))
        #expect(try content(shared.current) == "kubernetes://shop/registry")
    }

    @Test("Plug-ins come, change and go as everywhere else")
    func changes() async throws {
        put("content", "registry", in: "shop")
        let source = PullSecretSource(inner, secrets: secrets)
        var subscription: SnapshotSubscription? = try await source.subscribe(client("shop"))
        #expect(secrets.retained == [:])
        let first = try plugin("p", [Self.variable: "kubernetes://shop/registry"])
        let updates = try #require(subscription?.updates)
        inner.update { _ = $0.replace(.extensionConfig, with: [first]) }
        for await cache in updates where try content(cache) == "content" { break }
        let second = try plugin("p", ["MODE": "fast"])
        inner.update { _ = $0.replace(.extensionConfig, with: [second]) }
        for await cache in updates where try content(cache) == "unset" { break }
        inner.update { _ = $0.replace(.extensionConfig, with: []) }
        for await cache in updates where try content(cache) == nil { break }
        #expect(secrets.retained == ["shop": 1])
        subscription = nil
        _ = consume updates
        while secrets.retained != [:] { await Task.yield() }
    }
}
