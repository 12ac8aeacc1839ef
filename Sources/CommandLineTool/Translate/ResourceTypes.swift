import ArgumentParser
import EnvoyAPI
import EnvoyTranslator
import KubernetesModel
import SwiftProtobuf

/// Which resources are meant.
enum ResourceType: String, ExpressibleByArgument, CaseIterable {
    case listener, route, cluster, endpoint, secret, all

    /// The types with the names of their lists, in the order in which they are printed.
    var lists: [(name: String, typeURL: String)] {
        switch self {
        case .listener: [("listeners", Envoy_Config_Listener_V3_Listener.typeURL)]
        case .route: [("routes", Envoy_Config_Route_V3_RouteConfiguration.typeURL)]
        case .cluster: [("clusters", Envoy_Config_Cluster_V3_Cluster.typeURL)]
        case .endpoint: [("endpoints", Envoy_Config_Endpoint_V3_ClusterLoadAssignment.typeURL)]
        case .secret: [("secrets", Envoy_Extensions_TransportSockets_Tls_V3_Secret.typeURL)]
        case .all:
            [Self.listener, .route, .cluster, .endpoint, .secret].flatMap(\.lists) + [
                ("extensions", Envoy_Config_Core_V3_TypedExtensionConfig.typeURL),
                ("nameTables", Istio_Networking_Nds_V1_NameTable.typeURL),
                ("trustedRoots", Istio_Mesh_V1alpha1_ProxyConfig.typeURL),
            ]
        }
    }
}

extension ResourceType {
    /// Resources as JSON: of one type a list, of all of them a list for each that there is any of.
    func json(_ resources: [String: [NamedResource]]) throws -> JSONValue {
        KnownTypes.register()
        let all = try lists.map { list in
            (list.name, JSONValue.array(try (resources[list.typeURL] ?? []).map { try $0.json() }))
        }
        if self != .all { return all.first?.1 ?? .array([]) }
        return .object(Dictionary(uniqueKeysWithValues: all.filter { $0.1 != .array([]) }))
    }
}

extension NamedResource {
    /// As protobuf writes messages in JSON, with what is in an `Any` in clear.
    fileprivate func json() throws -> JSONValue { try JSONValue(parsing: message.jsonString()) }
}
