import EnvoyAPI
import SwiftProtobuf

typealias HTTPFilter = Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpFilter

extension HTTPFilter {
    static func named(_ name: String, _ config: some Message) throws -> Self {
        try .with {
            $0.name = name
            $0.typedConfig = try .init(packing: config)
        }
    }

    /// Those that every connection manager has, in the order that EnvoyFilters count on.
    static func standard() throws -> [Self] {
        [
            try .named(
                "envoy.filters.http.grpc_stats",
                Envoy_Extensions_Filters_Http_GrpcStats_V3_FilterConfig.with {
                    $0.emitFilterState = true
                    $0.statsForAllMethods = false
                }),
            try .named("envoy.filters.http.fault", Envoy_Extensions_Filters_Http_Fault_V3_HTTPFault()),
            try .named("envoy.filters.http.cors", Envoy_Extensions_Filters_Http_Cors_V3_Cors()),
        ]
    }

    static func router() throws -> Self {
        try .named("envoy.filters.http.router", Envoy_Extensions_Filters_Http_Router_V3_Router())
    }
}

extension Envoy_Config_Listener_V3_Filter {
    static func named(_ name: String, _ config: some Message) throws -> Self {
        try .with {
            $0.name = name
            $0.typedConfig = try .init(packing: config)
        }
    }
}
