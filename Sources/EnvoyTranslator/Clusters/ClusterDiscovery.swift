import EnvoyAPI
import MeshModel
import SwiftProtobuf

extension Envoy_Config_Cluster_V3_Cluster {
    /// Where endpoints come from.
    mutating func discover(_ input: OutboundClusterInput) throws {
        switch input.discovery {
        case .endpoints:
            type = .eds
            edsClusterConfig.serviceName = name
            edsClusterConfig.edsConfig = input.settings.source.message(for: name)
        case .originalDestination:
            type = .originalDst
        case .dns(let endpoints):
            type = .strictDns
            look(up: endpoints, input.settings)
        case .firstOfDNS(let endpoints):
            type = .logicalDns
            look(up: endpoints, input.settings)
        case .dynamicDNS:
            clusterType = .with { $0.name = "envoy.clusters.dynamic_forward_proxy" }
            clusterType.typedConfig = try .init(
                packing: Envoy_Extensions_Clusters_DynamicForwardProxy_V3_ClusterConfig.with {
                    $0.dnsCacheConfig = .mesh(input.settings)
                })
        }
    }

    private mutating func look(up endpoints: LoadAssignmentInput, _ settings: ClusterSettings) {
        dnsLookupFamily = settings.families.dnsLookup
        dnsRefreshRate = .init(settings.dnsRefreshRate)
        dnsJitter = .init(.milliseconds(100))
        respectDnsTtl = true
        loadAssignment = EnvoyTranslator.loadAssignment(endpoints)
    }
}

extension Envoy_Extensions_Common_DynamicForwardProxy_V3_DnsCacheConfig {
    /// The one cache of names that requests ask for: filters that look names up have to name it alike.
    static func mesh(_ settings: ClusterSettings) -> Self {
        .with {
            $0.name = "dynamic_forward_proxy_\(settings.families.dnsLookup)"
            $0.dnsLookupFamily = settings.families.dnsLookup
            $0.dnsRefreshRate = .init(settings.dnsRefreshRate)
        }
    }
}
