import EnvoyAPI
package import FoundationEssentials
import SwiftProtobuf

/// A plug-in's configuration as the control plane sends it, in which an agent has something to change.
package struct PluginConfiguration: Sendable {
    private enum Kind: Sendable {
        case requests
        case connections
    }

    /// Variables that tell the agent how to fetch the module. No module sees them.
    private enum Variable {
        static let prefix = "ISTIO_META_WASM_"
        static let secret = "ISTIO_META_WASM_IMAGE_PULL_SECRET"
        static let policy = "ISTIO_META_WASM_IMAGE_PULL_POLICY"
        static let version = "ISTIO_META_WASM_PLUGIN_RESOURCE_VERSION"
    }

    private var resource: Envoy_Config_Core_V3_TypedExtensionConfig
    private let kind: Kind
    private var plugin: Envoy_Extensions_Wasm_V3_PluginConfig

    /// Nil: nothing is to be changed in it.
    package init?(_ body: Data) throws(ModuleProblem) {
        let requests = Envoy_Extensions_Filters_Http_Wasm_V3_Wasm.typeURL
        let connections = Envoy_Extensions_Filters_Network_Wasm_V3_Wasm.typeURL
        guard let resource = try? Envoy_Config_Core_V3_TypedExtensionConfig(serializedBytes: body) else { return nil }
        let config = resource.typedConfig
        self.resource = resource
        do {
            switch config.typeURL {
            case requests:
                kind = .requests
                plugin = try Envoy_Extensions_Filters_Http_Wasm_V3_Wasm(serializedBytes: config.value).config
            case connections:
                kind = .connections
                plugin = try Envoy_Extensions_Filters_Network_Wasm_V3_Wasm(serializedBytes: config.value).config
            case Xds_Type_V3_TypedStruct.typeURL, Udpa_Type_V1_TypedStruct.typeURL:
                // Both are the same on the wire.
                let structure = try Xds_Type_V3_TypedStruct(serializedBytes: config.value)
                guard [requests, connections].contains(structure.typeURL) else { return nil }
                let text = try structure.value.jsonString()
                var options = JSONDecodingOptions()
                options.ignoreUnknownFields = true
                if structure.typeURL == requests {
                    kind = .requests
                    plugin = try Envoy_Extensions_Filters_Http_Wasm_V3_Wasm(jsonString: text, options: options).config
                } else {
                    kind = .connections
                    plugin = try Envoy_Extensions_Filters_Network_Wasm_V3_Wasm(jsonString: text, options: options)
                        .config
                }
            default: return nil
            }
        } catch {
            throw ModuleProblem("its configuration cannot be read: \(error)")
        }
        if case .remote = plugin.vmConfig.code.specifier { return }
        if agentVariables.isEmpty { return nil }
    }

    /// The plug-in's name, as the proxy asks for it.
    package var name: String { resource.name }

    /// Without the module requests and connections pass the plug-in by.
    package var isOpenWithoutModule: Bool { plugin.failurePolicy == .failOpen || plugin.failOpen }

    /// The module that has to be fetched; nil: none.
    ///
    /// - Parameter version: Of the resource, where the control plane does not tell the plug-in's.
    package func request(version: String) throws(ModuleProblem) -> ModuleRequest? {
        guard case .remote(let remote)? = plugin.vmConfig.code.specifier else { return nil }
        var request = ModuleRequest(plugin: name, address: try ModuleAddress(parsing: remote.httpUri.uri))
        let checksum = remote.sha256.lowercased()
        // Istio's control planes say so where there is none.
        if !checksum.isEmpty, checksum != "nil" {
            guard ImageReference.isChecksum(checksum) else {
                throw ModuleProblem("its sha256 is not 64 hexadecimal digits")
            }
            request.checksum = checksum
        }
        let variables = agentVariables
        request.policy = variables[Variable.policy].flatMap(ModuleRequest.PullPolicy.init) ?? .unspecified
        request.version = variables[Variable.version].flatMap { $0.isEmpty ? nil : $0 } ?? version
        if case .image = request.address, let secret = variables[Variable.secret] {
            guard !secret.isEmpty, !secret.hasPrefix("kubernetes://") else {
                throw ModuleProblem(
                    "the control plane gave no image pull secret: it has to be of type kubernetes.io/dockerconfigjson "
                        + "and in the namespace of the plug-in, and of this workload")
            }
            request.credentials = try RegistryCredentials(dockerConfig: secret)
        }
        let timeout = remote.httpUri.timeout
        if timeout.seconds > 0 || timeout.nanos > 0 {
            request.timeout = .seconds(min(timeout.seconds, 600)) + .nanoseconds(Int64(timeout.nanos))
        }
        return request
    }

    private var agentVariables: [String: String] {
        plugin.vmConfig.environmentVariables.keyValues.filter { $0.key.hasPrefix(Variable.prefix) }
    }

    /// The resource with the module in a file.
    ///
    /// - Parameter file: Nil: it was in one already.
    package func body(file: String?) throws -> Data {
        var plugin = plugin
        if let file { plugin.vmConfig.code.local.filename = file }
        if plugin.vmConfig.hasEnvironmentVariables {
            for name in agentVariables.keys { plugin.vmConfig.environmentVariables.keyValues[name] = nil }
            if plugin.vmConfig.environmentVariables == .init() { plugin.vmConfig.clearEnvironmentVariables() }
        }
        var resource = resource
        switch kind {
        case .requests:
            resource.typedConfig = try .init(
                packing: Envoy_Extensions_Filters_Http_Wasm_V3_Wasm.with { $0.config = plugin })
        case .connections:
            resource.typedConfig = try .init(
                packing: Envoy_Extensions_Filters_Network_Wasm_V3_Wasm.with { $0.config = plugin })
        }
        return Data(try resource.stableBytes())
    }

    /// The resource with a filter that lets everything pass.
    package func openBody() throws -> Data {
        var resource = resource
        switch kind {
        case .requests: resource.typedConfig = try .init(packing: Envoy_Extensions_Filters_Http_Rbac_V3_RBAC())
        case .connections:
            resource.typedConfig = try .init(
                packing: Envoy_Extensions_Filters_Network_Rbac_V3_RBAC.with { $0.statPrefix = "wasm_absent." })
        }
        return Data(try resource.stableBytes())
    }
}
