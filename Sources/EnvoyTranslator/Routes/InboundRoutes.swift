import EnvoyAPI
import SwiftProtobuf

/// The routes of a port of the own workload: all to its cluster.
struct InboundRoutes {
    var cluster: String
    /// The one that clients call; 0 for ports that no service declares.
    var port: Int
    /// What traces call it.
    var operation: String

    var configuration: Envoy_Config_Route_V3_RouteConfiguration {
        .with {
            $0.name = cluster
            $0.validateClusters = false
            $0.virtualHosts = [
                .with {
                    $0.name = "inbound|http|\(port)"
                    $0.domains = ["*"]
                    $0.routes = [route]
                }
            ]
        }
    }

    private var route: Envoy_Config_Route_V3_Route {
        .with {
            $0.name = "default"
            $0.match.prefix = "/"
            $0.decorator.operation = operation
            $0.route = .with {
                $0.cluster = cluster
                $0.timeout = .init(.zero)
                $0.retryPolicy = .inbound
                $0.maxStreamDuration = .with {
                    $0.maxStreamDuration = .init(.zero)
                    $0.grpcTimeoutHeaderMax = .init(.zero)
                }
            }
        }
    }
}
