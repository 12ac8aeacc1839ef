package import EnvoyAPI
package import SwiftProtobuf

/// The resources of one proxy that decide where calls go.
package struct ProxyConfiguration: Hashable, Sendable {
    package var listeners: [Envoy_Config_Listener_V3_Listener]
    /// By name.
    package var routes: [String: Envoy_Config_Route_V3_RouteConfiguration]
    /// By name.
    package var clusters: [String: Envoy_Config_Cluster_V3_Cluster]

    /// Of several with one name the first counts.
    package init(
        listeners: [Envoy_Config_Listener_V3_Listener], routes: [Envoy_Config_Route_V3_RouteConfiguration] = [],
        clusters: [Envoy_Config_Cluster_V3_Cluster] = []
    ) {
        self.listeners = listeners
        self.routes = Dictionary(routes.map { ($0.name, $0) }) { first, _ in first }
        self.clusters = Dictionary(clusters.map { ($0.name, $0) }) { first, _ in first }
    }

    /// Those of some resources that matter.
    package init(_ resources: some Sequence<any Message>) {
        var listeners: [Envoy_Config_Listener_V3_Listener] = []
        var routes: [Envoy_Config_Route_V3_RouteConfiguration] = []
        var clusters: [Envoy_Config_Cluster_V3_Cluster] = []
        for resource in resources {
            switch resource {
            case let listener as Envoy_Config_Listener_V3_Listener: listeners.append(listener)
            case let route as Envoy_Config_Route_V3_RouteConfiguration: routes.append(route)
            case let cluster as Envoy_Config_Cluster_V3_Cluster: clusters.append(cluster)
            default: break
            }
        }
        self.init(listeners: listeners, routes: routes, clusters: clusters)
    }
}

extension Google_Protobuf_Any {
    /// The message in it, if it is one of this type.
    func unpacked<Packed: Message>(_: Packed.Type = Packed.self) -> Packed? {
        isA(Packed.self) ? try? Packed(unpackingAny: self) : nil
    }
}
