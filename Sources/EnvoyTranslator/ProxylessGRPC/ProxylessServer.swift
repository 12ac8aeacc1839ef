package import EnvoyAPI
import SwiftProtobuf

/// All that decides what a gRPC server does with connections to one address and port of its own.
package struct ProxylessServerInput: Hashable, Sendable {
    /// That it listens on: it refuses a listener that says another one.
    package var address: String
    package var port: Int
    /// It takes mutual TLS and nothing else; otherwise plaintext alone.
    package var requiresTLS: Bool
    package var access: ProxylessAccess

    package init(address: String, port: Int, requiresTLS: Bool, access: ProxylessAccess) {
        self.address = address
        self.port = port
        self.requiresTLS = requiresTLS
        self.access = access
    }

    /// As the bootstraps that agents write have it: `xds.istio.io/grpc/lds/inbound/0.0.0.0:7070`.
    package var name: String {
        let host = address.contains(":") ? "[\(address)]" : address
        return "xds.istio.io/grpc/lds/inbound/\(host):\(port)"
    }
}

/// What a gRPC server does with connections to one address and port of its own.
package func proxylessServer(_ input: ProxylessServerInput) throws -> Envoy_Config_Listener_V3_Listener {
    let cluster = ClusterNames.inbound(port: input.port)
    let manager: ConnectionManager = try .with {
        $0.statPrefix = cluster
        $0.routeConfig.name = cluster
        $0.routeConfig.virtualHosts = [
            .with {
                $0.name = "inbound|grpc|\(input.port)"
                $0.domains = ["*"]
                $0.routes = [
                    .with {
                        $0.name = "default"
                        $0.match = .everything
                        $0.nonForwardingAction = .init()
                    }
                ]
            }
        ]
        $0.httpFilters = try input.access.filters() + [.router()]
    }
    return try .with {
        $0.name = input.name
        $0.address = .socket(input.address, input.port)
        $0.trafficDirection = .inbound
        $0.filterChains = [
            try .with {
                $0.name = cluster
                if input.requiresTLS { $0.transportSocket = try ProxylessTLS.server() }
                $0.filters = [try .named("envoy.filters.network.http_connection_manager", manager)]
            }
        ]
    }
}
