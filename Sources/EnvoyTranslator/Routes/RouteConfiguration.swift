package import EnvoyAPI
import SwiftProtobuf

/// All that decides the routes of an outbound port.
package struct RouteConfigurationInput: Hashable, Sendable {
    /// A service that requests can go to.
    package struct Host: Hashable, Sendable {
        package var host: String
        package var port: Int
        /// By which requests ask for it.
        package var domains: [String]

        package init(host: String, port: Int, domains: [String]) {
            self.host = host
            self.port = port
            self.domains = domains
        }
    }

    /// What becomes of requests for any other host.
    package enum Fallback: Hashable, Sendable {
        /// They go where they were sent.
        case allow
        /// They are answered with 502.
        case block
        /// There is none: one host takes all.
        case none
    }

    package var name: String
    /// Each with at least one domain, and no domain twice.
    package var hosts: [Host]
    package var fallback: Fallback

    package init(name: String, hosts: [Host], fallback: Fallback) {
        self.name = name
        self.hosts = hosts
        self.fallback = fallback
    }
}

/// The routes of an outbound port.
package func routeConfiguration(
    _ input: RouteConfigurationInput
) throws -> Envoy_Config_Route_V3_RouteConfiguration {
    let retries = try Envoy_Config_Route_V3_RetryPolicy.outbound()
    return .with {
        $0.name = input.name
        // A cluster may come later than the routes to it.
        $0.validateClusters = false
        $0.maxDirectResponseBodySizeBytes = 1_048_576
        $0.ignorePortInHostMatching = true
        $0.virtualHosts = input.hosts.map { .init($0, retries: retries) } + input.fallback.virtualHosts
    }
}

extension Envoy_Config_Route_V3_VirtualHost {
    fileprivate init(_ host: RouteConfigurationInput.Host, retries: Envoy_Config_Route_V3_RetryPolicy) {
        self.init()
        name = "\(host.host):\(host.port)"
        domains = host.domains
        includeRequestAttemptCount = true
        routes = [
            .with {
                $0.name = "default"
                $0.match.prefix = "/"
                $0.decorator.operation = "\(host.host):\(host.port)/*"
                $0.route = .to(ClusterNames.outbound(port: host.port, host: host.host))
                $0.route.retryPolicy = retries
            }
        ]
    }
}

extension RouteConfigurationInput.Fallback {
    fileprivate var virtualHosts: [Envoy_Config_Route_V3_VirtualHost] {
        switch self {
        case .none: []
        case .allow: [.forAll(named: "allow_any") { $0.route = .to(ClusterNames.passthrough) }]
        case .block: [.forAll(named: "block_all") { $0.directResponse.status = 502 }]
        }
    }
}

extension Envoy_Config_Route_V3_VirtualHost {
    fileprivate static func forAll(
        named name: String, _ act: (inout Envoy_Config_Route_V3_Route) -> Void
    ) -> Self {
        .with {
            $0.name = name
            $0.domains = ["*"]
            $0.includeRequestAttemptCount = true
            $0.routes = [
                .with {
                    $0.name = name
                    $0.match.prefix = "/"
                    act(&$0)
                }
            ]
        }
    }
}

extension Envoy_Config_Route_V3_RouteAction {
    /// A cluster's, for as long as the request takes.
    fileprivate static func to(_ cluster: String) -> Self {
        .with {
            $0.cluster = cluster
            $0.timeout = .init(.zero)
            $0.maxStreamDuration = .with {
                $0.maxStreamDuration = .init(.zero)
                $0.grpcTimeoutHeaderMax = .init(.zero)
            }
        }
    }
}
