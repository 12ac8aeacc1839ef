package import EnvoyAPI
import SwiftProtobuf

/// All that decides what a gRPC library is told first of a host that it calls: where its routes are.
package struct ProxylessListenerInput: Hashable, Sendable {
    /// What is called, with its port: `echo.default.svc.cluster.local:7070`.
    package var name: String
    package var routes: String
    package var source: ConfigSources.Source

    package init(name: String, routes: String, source: ConfigSources.Source = .ads) {
        self.name = name
        self.routes = routes
        self.source = source
    }
}

/// What a gRPC library is told first of a host that it calls.
package func proxylessListener(_ input: ProxylessListenerInput) throws -> Envoy_Config_Listener_V3_Listener {
    let manager: ConnectionManager = try .with {
        $0.statPrefix = input.routes
        $0.rds.routeConfigName = input.routes
        $0.rds.configSource = input.source.message(for: input.routes)
        // Each filter that a library does not know would make it refuse the whole.
        $0.httpFilters = [
            try .named(RouteFilterNames.fault, Envoy_Extensions_Filters_Http_Fault_V3_HTTPFault()), try .router(),
        ]
    }
    return try .with {
        $0.name = input.name
        $0.apiListener.apiListener = try .init(packing: manager)
    }
}
