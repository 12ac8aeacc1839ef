import EnvoyAPI
import SwiftProtobuf
import XDSServer

/// The variable of a plug-in's virtual machine in which agents find the credentials for its module. The translated
/// configuration names a Secret there; only what is sent to a proxy has its content.
enum PluginSecret {
    static let variable = "ISTIO_META_WASM_IMAGE_PULL_SECRET"
    private static let scheme = "kubernetes://"

    /// The Secret that a configuration names; nil: none.
    static func reference(in resource: Resource) -> (namespace: String, name: String)? {
        guard mentionsVariable(resource.body), let plugin = Plugin(resource.body),
            let text = plugin.variables[variable], text.hasPrefix(scheme)
        else { return nil }
        let parts = text.dropFirst(scheme.count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        return (String(parts[0]), String(parts[1]))
    }

    /// The configuration with the content of the Secret; an empty one tells agents that there is none.
    static func filled(_ resource: Resource, with content: String) -> Resource {
        guard var plugin = Plugin(resource.body) else { return resource }
        plugin.variables[variable] = content
        guard let body = try? plugin.body() else { return resource }
        return Resource(name: resource.name, body: body, dependents: resource.dependents)
    }

    /// Most configurations name no Secret, and are not decoded for that.
    private static func mentionsVariable(_ body: [UInt8]) -> Bool {
        let name = Array(variable.utf8)
        guard let first = name.first, body.count >= name.count else { return false }
        var rest = body[...]
        while let index = rest.firstIndex(of: first) {
            rest = rest[index...]
            if rest.starts(with: name) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}

/// A plug-in in the resource that proxies fetch.
private struct Plugin {
    private var resource: Envoy_Config_Core_V3_TypedExtensionConfig
    private var config: Envoy_Extensions_Wasm_V3_PluginConfig
    private let isForConnections: Bool

    init?(_ body: [UInt8]) {
        guard let resource = try? Envoy_Config_Core_V3_TypedExtensionConfig(serializedBytes: body) else { return nil }
        self.resource = resource
        let packed = resource.typedConfig
        switch packed.typeURL {
        case Envoy_Extensions_Filters_Http_Wasm_V3_Wasm.typeURL:
            guard let filter = try? Envoy_Extensions_Filters_Http_Wasm_V3_Wasm(serializedBytes: packed.value) else {
                return nil
            }
            config = filter.config
            isForConnections = false
        case Envoy_Extensions_Filters_Network_Wasm_V3_Wasm.typeURL:
            guard let filter = try? Envoy_Extensions_Filters_Network_Wasm_V3_Wasm(serializedBytes: packed.value)
            else { return nil }
            config = filter.config
            isForConnections = true
        default: return nil
        }
    }

    var variables: [String: String] {
        get { config.vmConfig.environmentVariables.keyValues }
        set { config.vmConfig.environmentVariables.keyValues = newValue }
    }

    func body() throws -> [UInt8] {
        var resource = resource
        resource.typedConfig =
            isForConnections
            ? try .init(packing: Envoy_Extensions_Filters_Network_Wasm_V3_Wasm.with { $0.config = config })
            : try .init(packing: Envoy_Extensions_Filters_Http_Wasm_V3_Wasm.with { $0.config = config })
        return try resource.stableBytes()
    }
}
