import EnvoyAPI
import MeshModel
import SwiftProtobuf

/// A resource with all that patches change of it.
func patchedResource(_ message: any Message, named name: String, by patches: [EnvoyPatch]) throws -> any Message {
    switch message {
    case let listener as Envoy_Config_Listener_V3_Listener: return try listener.patched(by: patches)
    case let routes as Envoy_Config_Route_V3_RouteConfiguration: return routes.patched(by: patches)
    case var cluster as Envoy_Config_Cluster_V3_Cluster:
        for patch in patches where patch.target == .cluster {
            switch patch.operation {
            case .merge, .mergeReplacingLists: cluster.mergeWithSocket(patch)
            case .replace:
                guard let value = try? patchValue(patch.value, as: Envoy_Config_Cluster_V3_Cluster.self) else {
                    continue
                }
                cluster = value
                cluster.name = name
            default: continue
            }
        }
        return cluster
    default: return message
    }
}
