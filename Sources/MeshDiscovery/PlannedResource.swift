import EnvoyAPI
import EnvoyTranslator
import SwiftProtobuf
import Synchronization
import XDSServer

/// A resource as clients get it, and all that decided it.
final class PlannedResource: Sendable {
    let input: ResourceInput
    let resource: Resource
    private let unqualified = Mutex<Set<String>?>(nil)

    var name: String { resource.name }

    /// - Throws: An error of the library's encoder.
    init(_ input: ResourceInput) throws {
        let (bytes, message) = try input.encoded()
        self.input = input
        resource = Resource(name: input.name, body: bytes, dependents: message?.dependents ?? [])
    }

    /// Of routes: the domains that a short name of a service could be.
    var unqualifiedDomains: Set<String> {
        unqualified.withLock { known in
            if let known { return known }
            guard case .routeConfiguration(let routes) = input else { return [] }
            let domains = routes.unqualifiedDomains
            known = domains
            return domains
        }
    }
}

extension Message {
    /// The names of what an Envoy asks for anew when it warms this one: of a cluster its endpoints, of a listener its
    /// routes.
    fileprivate var dependents: [String] {
        switch self {
        case let cluster as Envoy_Config_Cluster_V3_Cluster: cluster.endpointNames
        case let listener as Envoy_Config_Listener_V3_Listener: listener.routeNames
        default: []
        }
    }
}

extension Envoy_Config_Cluster_V3_Cluster {
    fileprivate var endpointNames: [String] {
        guard type == .eds else { return [] }
        return [edsClusterConfig.serviceName.isEmpty ? name : edsClusterConfig.serviceName]
    }
}

extension Envoy_Config_Listener_V3_Listener {
    fileprivate var routeNames: [String] {
        typealias Manager = Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager
        let chains = filterChains + (hasDefaultFilterChain ? [defaultFilterChain] : [])
        let names = chains.flatMap(\.filters).compactMap { filter -> String? in
            guard filter.typedConfig.typeURL == Manager.typeURL,
                let manager = try? Manager(serializedBytes: filter.typedConfig.value),
                case .rds(let routes) = manager.routeSpecifier
            else { return nil }
            return routes.routeConfigName
        }
        return Set(names).sorted()
    }
}
