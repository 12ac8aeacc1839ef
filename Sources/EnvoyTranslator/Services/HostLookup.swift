import EnvoyAPI
import SwiftProtobuf

/// How hosts that requests name are looked up when the requests come, for patterns of hosts and for unknown ones.
package struct HostLookup: Hashable, Sendable {
    package var settings: ClusterSettings

    package init(_ settings: ClusterSettings) { self.settings = settings }

    /// Looks the host of each request up.
    func httpFilter() throws -> HTTPFilter {
        try .named(
            "envoy.filters.http.dynamic_forward_proxy",
            Envoy_Extensions_Filters_Http_DynamicForwardProxy_V3_FilterConfig.with {
                $0.dnsCacheConfig = .mesh(settings)
            })
    }

    /// Looks up what the client asks for in TLS.
    func networkFilter(port: Int) throws -> Envoy_Config_Listener_V3_Filter {
        try .named(
            "envoy.filters.network.sni_dynamic_forward_proxy",
            Envoy_Extensions_Filters_Network_SniDynamicForwardProxy_V3_FilterConfig.with {
                $0.dnsCacheConfig = .mesh(settings)
                $0.portValue = UInt32(clamping: port)
            })
    }

    /// The cluster of hosts that the mesh knows nothing of.
    func cluster() throws -> Envoy_Config_Cluster_V3_Cluster {
        try .with {
            $0 = .base(named: ClusterNames.dynamicDNS, connectTimeout: settings.connectTimeout)
            $0.lbPolicy = .clusterProvided
            $0.clusterType.name = "envoy.clusters.dynamic_forward_proxy"
            $0.clusterType.typedConfig = try .init(
                packing: Envoy_Extensions_Clusters_DynamicForwardProxy_V3_ClusterConfig.with {
                    $0.dnsCacheConfig = .mesh(settings)
                })
        }
    }

    /// All requests to hosts that the mesh knows nothing of.
    static var routes: Envoy_Config_Route_V3_RouteConfiguration {
        .with {
            $0.name = ClusterNames.dynamicDNS
            $0.validateClusters = false
            $0.virtualHosts = [
                .with {
                    $0.name = "allow_any"
                    $0.domains = ["*"]
                    $0.routes = [
                        .with {
                            $0.name = "allow_any"
                            $0.match.prefix = "/"
                            $0.route.cluster = ClusterNames.dynamicDNS
                            $0.route.timeout = .init(.zero)
                        }
                    ]
                }
            ]
        }
    }
}
