import EnvoyAPI
package import MeshModel
package import SwiftProtobuf

/// A resource and the name by which proxies ask for it.
package struct NamedResource: Sendable {
    package var name: String
    package var message: any Message

    package init(name: String, message: any Message) {
        self.name = name
        self.message = message
    }
}

/// The resources of a proxy by type, sorted by name: what it is sent, and nothing else. A type without any is there too,
/// with an empty list: that a proxy has no listeners is an answer.
///
/// - Parameter view: Of the proxy, in the same snapshot.
/// - Throws: Nothing that a value of the mesh can cause; the library's encoder may.
package func xdsResources(
    for proxy: Proxy, view: ProxyView, in snapshot: MeshSnapshot, settings: TranslationSettings = .init()
) throws -> [String: [NamedResource]] {
    let plan = resourcePlan(for: view, preference: EndpointPreference(proxy), in: snapshot, settings: settings)
    func messages(_ inputs: [ResourceInput]) throws -> [NamedResource] {
        try inputs.map { NamedResource(name: $0.name, message: try $0.message()) }
    }
    return [
        Envoy_Config_Cluster_V3_Cluster.typeURL: try messages(plan.clusters),
        Envoy_Config_Endpoint_V3_ClusterLoadAssignment.typeURL: try messages(plan.endpoints),
        Envoy_Config_Listener_V3_Listener.typeURL: try messages(plan.listeners),
        Envoy_Config_Route_V3_RouteConfiguration.typeURL: try messages(plan.routes),
        Envoy_Config_Core_V3_TypedExtensionConfig.typeURL: try messages(plan.extensionConfigs),
        Istio_Networking_Nds_V1_NameTable.typeURL: try messages(plan.nameTables),
        Envoy_Config_Bootstrap_V3_Bootstrap.typeURL: try messages(plan.bootstraps),
        Istio_Mesh_V1alpha1_ProxyConfig.typeURL: try messages(plan.trustedRoots),
    ]
}
