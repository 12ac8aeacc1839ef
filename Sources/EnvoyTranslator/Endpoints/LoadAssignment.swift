package import EnvoyAPI
package import MeshModel
import SwiftProtobuf

/// All that decides the endpoints of a cluster.
package struct LoadAssignmentInput: Hashable, Sendable {
    package var clusterName: String
    package var endpoints: EndpointSet
    /// Only those on this node count; nil: all do.
    package var node: String?
    /// Those that the caller can reach.
    package var families: AddressFamilies

    package init(
        clusterName: String, endpoints: EndpointSet, families: AddressFamilies = .dual, node: String? = nil
    ) {
        self.clusterName = clusterName
        self.endpoints = endpoints
        self.families = families
        self.node = node
    }
}

/// The endpoints of a cluster, by place; each place weighs as much as its endpoints together.
///
/// Those that are not ready are left out.
package func loadAssignment(_ input: LoadAssignmentInput) -> Envoy_Config_Endpoint_V3_ClusterLoadAssignment {
    let called = input.endpoints.endpoints.filter {
        $0.health != .unready && input.families.supports($0.address)
            && (input.node == nil || $0.node == input.node)
    }
    let places = Dictionary(grouping: called, by: \.locality).sorted { $0.key < $1.key }
    return .with {
        $0.clusterName = input.clusterName
        $0.endpoints = places.map { locality, endpoints in
            .with {
                if !locality.isUnknown { $0.locality = .init(locality) }
                $0.lbEndpoints = endpoints.map(Envoy_Config_Endpoint_V3_LbEndpoint.init)
                $0.loadBalancingWeight = .init(endpoints.reduce(0) { $0 + max(1, $1.weight) })
            }
        }
    }
}

extension Envoy_Config_Core_V3_Locality {
    init(_ locality: Locality) {
        self.init()
        region = locality.region
        zone = locality.zone
        subZone = locality.subzone
    }
}

extension Envoy_Config_Endpoint_V3_LbEndpoint {
    init(_ endpoint: Endpoint) {
        self.init()
        self.endpoint.address = .socket(endpoint.address, endpoint.port)
        healthStatus = endpoint.health == .draining ? .draining : .healthy
        loadBalancingWeight = .init(max(1, endpoint.weight))
        let workload = endpoint.telemetryName
        if !workload.isEmpty { metadata = .init("istio", ["workload": .init(stringValue: workload)]) }
        if endpoint.isMutualTLS {
            metadata.filterMetadata[TLSModeMetadata.key] = .init(fields: TLSModeMetadata.mutualTLS)
        }
    }
}

extension Endpoint {
    /// `workload;namespace;canonical name;canonical revision;cluster`: what telemetry calls the server.
    fileprivate var telemetryName: String {
        guard !workloadName.isEmpty, let identity else { return "" }
        return [
            workloadName, identity.namespace, CanonicalService.name(labels: labels, workloadName: workloadName),
            CanonicalService.revision(labels: labels), clusterID,
        ].joined(separator: ";")
    }
}
