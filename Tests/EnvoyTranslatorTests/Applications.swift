import EnvoyAPI
import EnvoyTesting
import SwiftProtobuf

/// Applications that an Envoy itself can be, for tests.
extension Envoy_Config_Listener_V3_Listener {
    static func application(_ name: String, _ port: Int?, _ filter: Envoy_Config_Listener_V3_Filter) -> Self {
        .with {
            $0.name = "application-\(name)"
            $0.address.socketAddress.address = "127.0.0.1"
            $0.address.socketAddress.portValue = UInt32(port ?? 0)
            var filter = filter
            if filter.name == "http" { filter.label(name) }
            $0.filterChains = [.with { $0.filters = [filter] }]
        }
    }
}

extension Envoy_Config_Listener_V3_Filter {
    /// HTTP that says what it was asked, and by whom.
    static func answering() throws -> Self {
        let manager: Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager = try .with {
            $0.statPrefix = "application"
            $0.forwardClientCertDetails = .alwaysForwardOnly
            $0.httpFilters = [
                try .with {
                    $0.name = "router"
                    $0.typedConfig = try .init(packing: Envoy_Extensions_Filters_Http_Router_V3_Router())
                }
            ]
            $0.routeConfig.virtualHosts = [
                .everything {
                    $0.answer()
                    $0.responseHeadersToAdd = [
                        .header("client", "%REQ(x-forwarded-client-cert)%"), .header("protocol", "%PROTOCOL%"),
                        .header("heard", "%REQ(x-mesh-peer)%"),
                    ]
                }
            ]
        }
        return try .with {
            $0.name = "http"
            $0.typedConfig = try .init(packing: manager)
        }
    }

    fileprivate mutating func label(_ name: String) {
        guard
            var manager = try? Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager(
                unpackingAny: typedConfig)
        else { return }
        manager.routeConfig.responseHeadersToAdd = [.header("served", name)]
        if let packed = try? Google_Protobuf_Any(packing: manager) { typedConfig = packed }
    }

    /// TCP that sends back what it gets.
    static func echoing() throws -> Self { try .stock("envoy.filters.network.echo", "echo.v3.Echo", [:]) }

    /// TCP that speaks first, and ends.
    static func greeting() throws -> Self {
        try .stock(
            "envoy.filters.network.direct_response", "direct_response.v3.Config",
            ["response": .init(structValue: ["inline_string": "server speaks first"])])
    }

    /// A filter whose message this package does not define.
    private static func stock(_ name: String, _ type: String, _ value: Google_Protobuf_Struct) throws -> Self {
        let config: Xds_Type_V3_TypedStruct = .with {
            $0.typeURL = "type.googleapis.com/envoy.extensions.filters.network.\(type)"
            $0.value = value
        }
        return try .with {
            $0.name = name
            $0.typedConfig = try .init(packing: config)
        }
    }
}

extension Envoy_Config_Core_V3_HeaderValueOption {
    fileprivate static func header(_ name: String, _ value: String) -> Self {
        .with {
            $0.header.key = name
            $0.header.value = value
        }
    }
}
