import EnvoyAPI
import KubernetesModel
import MeshModel
import SwiftProtobuf

extension TrafficSettings {
    /// Whether a proxy looks into what is spoken with a data store, and counts it.
    ///
    /// - Parameter store: Nil: nothing is known of what is spoken.
    func looksInto(_ store: StoreProtocol?) -> Bool { store.map(stores.contains) ?? false }
}

extension Envoy_Config_Listener_V3_Filter {
    /// Passes connections on to some clusters, with a look at what is spoken where that is wanted.
    ///
    /// - Parameters:
    ///   - store: What is spoken, if it is known.
    ///   - holds: They wait for a moment while nobody listens there.
    static func passingOn(
        to target: ConnectionTarget, speaking store: StoreProtocol?, in view: TrafficView = .outbound,
        holds: Bool = false, settings: TrafficSettings
    ) throws -> [Self] {
        let proxy = try tcpProxy(to: target, in: view, holds: holds, settings: settings)
        guard let store, settings.looksInto(store) else { return [proxy] }
        switch store {
        case .mongo: return [try mongo(target.statPrefix), proxy]
        case .mySQL: return [try mySQL(target.statPrefix), proxy]
        // It answers commands itself, each from a server of one cluster.
        case .redis:
            guard let only = target.clusters.first, target.clusters.count == 1 else { return [proxy] }
            return [try redis(target.statPrefix, cluster: only.name)]
        }
    }

    private static func mongo(_ statPrefix: String) throws -> Self {
        try .with {
            $0.name = "envoy.filters.network.mongo_proxy"
            $0.typedConfig = try .init(
                packing: Envoy_Extensions_Filters_Network_MongoProxy_V3_MongoProxy.with {
                    $0.statPrefix = ClusterNames.statistics(statPrefix)
                })
        }
    }

    /// Istio's own build of the proxy has it; the stock one has not.
    private static func mySQL(_ statPrefix: String) throws -> Self {
        try patchValue(
            [
                "name": "envoy.filters.network.mysql_proxy",
                "typed_config": [
                    "@type": "type.googleapis.com/envoy.extensions.filters.network.mysql_proxy.v3.MySQLProxy",
                    "stat_prefix": .string(ClusterNames.statistics(statPrefix)),
                ],
            ], as: Self.self)
    }

    private static func redis(_ statPrefix: String, cluster: String) throws -> Self {
        try patchValue(
            [
                "name": "envoy.filters.network.redis_proxy",
                "typed_config": [
                    "@type": "type.googleapis.com/envoy.extensions.filters.network.redis_proxy.v3.RedisProxy",
                    "stat_prefix": .string(ClusterNames.statistics(statPrefix)),
                    "latency_in_micros": true,
                    "settings": ["op_timeout": "5s"],
                    "prefix_routes": ["catch_all_route": ["cluster": .string(cluster)]],
                ],
            ], as: Self.self)
    }
}
