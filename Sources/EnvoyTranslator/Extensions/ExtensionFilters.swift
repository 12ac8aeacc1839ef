import EnvoyAPI
import KubernetesModel
package import MeshModel
import SwiftProtobuf

/// The filters that people bring along for one side of a workload's traffic.
package struct ExtensionFilters: Hashable, Sendable {
    package var side: TrafficSide
    package var extensions: [ProxyExtension]

    package init(_ side: TrafficSide = .client, _ extensions: [ProxyExtension] = []) {
        self.side = side
        self.extensions = extensions
    }

    /// Those that see a port, in their phases.
    ///
    /// - Parameter port: Nil for one that nobody declares.
    func on(_ port: Int?, with filters: ConnectionFilters = .none) -> ConnectionFilters {
        var filters = filters
        for found in extensions where found.sees(side, port: port) {
            if found.isForConnections {
                filters.add([.proxyExtension(found)], in: found.phase.filterPhase, isForRequests: true)
            } else {
                filters.add([HTTPFilterInput.proxyExtension(found)], in: found.phase.filterPhase)
            }
        }
        return filters
    }

    /// The configurations that proxies fetch for them.
    var configurations: [ResourceInput] {
        extensions.compactMap { if case .wasm = $0.filter { .extensionConfig($0) } else { nil } }
    }
}

extension ProxyExtension.Phase {
    var filterPhase: FilterPhase {
        switch self {
        case .authentication: .ownAuthentication
        case .authorization: .ownAuthorization
        case .statistics: .ownStatistics
        case .unspecified: .ownUnspecified
        }
    }
}

extension ProxyExtension {
    /// A script comes along; a module is fetched under the filter's name, because an agent may have to fetch it first.
    func httpFilter() throws -> HTTPFilter {
        try .with {
            $0.name = name
            switch filter {
            case .lua(let script): $0.typedConfig = try Self.lua(script)
            case .wasm:
                $0.configDiscovery = Self.fetched(
                    Envoy_Extensions_Filters_Http_Wasm_V3_Wasm.typeURL,
                    orElse: Envoy_Extensions_Filters_Http_Rbac_V3_RBAC.typeURL)
            }
        }
    }

    func networkFilter() throws -> Envoy_Config_Listener_V3_Filter {
        .with {
            $0.name = name
            $0.configDiscovery = Self.fetched(
                Envoy_Extensions_Filters_Network_Wasm_V3_Wasm.typeURL,
                orElse: Envoy_Extensions_Filters_Network_Rbac_V3_RBAC.typeURL)
        }
    }

    /// - Parameter substitute: What agents put in the place of a module that cannot be had.
    private static func fetched(
        _ typeURL: String, orElse substitute: String
    ) -> Envoy_Config_Core_V3_ExtensionConfigSource {
        .with {
            $0.configSource.ads = .init()
            $0.configSource.initialFetchTimeout = .init(.zero)
            $0.configSource.resourceApiVersion = .v3
            $0.typeUrls = [typeURL, substitute]
        }
    }

    private static func lua(_ script: String) throws -> Google_Protobuf_Any {
        try .init(
            packing: Xds_Type_V3_TypedStruct.with {
                $0.typeURL = "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua"
                $0.value = [
                    "default_source_code": .init(structValue: ["inline_string": .init(stringValue: script)])
                ]
            })
    }

    /// What a proxy fetches for it.
    func extensionConfig() throws -> Envoy_Config_Core_V3_TypedExtensionConfig {
        guard case .wasm(let module) = filter else { return .with { $0.name = name } }
        let plugin = try module.pluginConfig(named: name, in: origin.namespace)
        return try .with {
            $0.name = name
            $0.typedConfig =
                isForConnections
                ? try .init(packing: Envoy_Extensions_Filters_Network_Wasm_V3_Wasm.with { $0.config = plugin })
                : try .init(packing: Envoy_Extensions_Filters_Http_Wasm_V3_Wasm.with { $0.config = plugin })
        }
    }
}

extension WasmModule {
    fileprivate func pluginConfig(
        named name: String, in namespace: String
    ) throws -> Envoy_Extensions_Wasm_V3_PluginConfig {
        try .with {
            $0.name = name
            $0.rootID = pluginName
            $0.failurePolicy =
                switch failureStrategy {
                case .close: .failClosed
                case .open: .failOpen
                case .reload: .failReload
                }
            if let configuration {
                $0.configuration = try .init(packing: Google_Protobuf_StringValue(configuration.jsonText))
            }
            $0.vmConfig.runtime = "envoy.wasm.runtime.v8"
            $0.vmConfig.code = code
            $0.vmConfig.environmentVariables.hostEnvKeys = hostVariables
            $0.vmConfig.environmentVariables.keyValues = variables
            // What an agent has to know to fetch it.
            guard !url.hasPrefix("file://") else { return }
            var forAgent: [String: String] = [:]
            if pullPolicy != .unspecified { forAgent["IMAGE_PULL_POLICY"] = pullPolicy.rawValue }
            if !version.isEmpty { forAgent["PLUGIN_RESOURCE_VERSION"] = version }
            if !pullSecret.isEmpty { forAgent["IMAGE_PULL_SECRET"] = "kubernetes://\(namespace)/\(pullSecret)" }
            for (variable, value) in forAgent {
                $0.vmConfig.environmentVariables.keyValues["ISTIO_META_WASM_\(variable)"] = value
            }
        }
    }

    private var code: Envoy_Config_Core_V3_AsyncDataSource {
        .with {
            let scheme = "file://"
            if url.hasPrefix(scheme) {
                $0.local.filename = String(url.dropFirst(scheme.count))
            } else {
                $0.remote.httpUri.uri = url
                // The agent puts what it has fetched in this one's place.
                $0.remote.httpUri.cluster = "_"
                $0.remote.httpUri.timeout = .init(.seconds(30))
                $0.remote.sha256 = sha256
            }
        }
    }
}
