package import EnvoyAPI
import MeshMetrics
package import MeshModel
import SwiftProtobuf

/// All that decides the endpoints of a cluster.
package struct LoadAssignmentInput: Hashable, Sendable {
    package var clusterName: String
    /// Of the whole port, whoever calls.
    package var endpoints: EndpointSet
    /// What the labels of endpoints have to be.
    package var labels: [String: String]
    /// Those that the caller can reach.
    package var families: AddressFamilies
    /// Only those on this node count; nil: all do.
    package var node: String?
    /// Only those in this cluster count; nil: all do.
    package var clusterID: String?
    /// How those on other networks are reached; nil: as all others.
    package var networks: NetworkView?
    /// Which are preferred.
    package var placement: EndpointPlacement
    /// Those that end take calls of clients that they have served.
    package var keepsDraining: Bool

    package init(
        clusterName: String, endpoints: EndpointSet, labels: [String: String] = [:],
        families: AddressFamilies = .dual, node: String? = nil, clusterID: String? = nil,
        networks: NetworkView? = nil, placement: EndpointPlacement = .even, keepsDraining: Bool = false
    ) {
        self.clusterName = clusterName
        self.endpoints = endpoints
        self.labels = labels
        self.families = families
        self.node = node
        self.clusterID = clusterID
        self.networks = networks
        self.placement = placement
        self.keepsDraining = keepsDraining
    }
}

/// The endpoints of a cluster, by place.
///
/// Those that are not ready are left out, and so are those that end: a proxy that is left with few others would call them
/// again.
package func loadAssignment(_ input: LoadAssignmentInput) -> Envoy_Config_Endpoint_V3_ClusterLoadAssignment {
    let called = input.endpoints.endpoints.filter(input.calls)
    let groups = EndpointGroup.groups(
        of: input.networks?.reached(called) ?? called.filter { !$0.address.isEmpty }, by: input.placement)
    return .with {
        $0.clusterName = input.clusterName
        $0.endpoints = groups.map { group in
            .with {
                // Also of an unknown place: without one its weight would be none at all.
                $0.locality = .init(group.locality)
                $0.lbEndpoints = group.endpoints.map(Envoy_Config_Endpoint_V3_LbEndpoint.init)
                $0.loadBalancingWeight = .init(group.weight)
                $0.priority = UInt32(group.priority)
            }
        }
    }
}

extension LoadAssignmentInput {
    /// Whether an endpoint is one of those that are called.
    func calls(_ endpoint: Endpoint) -> Bool {
        if endpoint.health == .unready || endpoint.isEnding && !keepsDraining { return false }
        return families.reaches(endpoint.address) && (node == nil || endpoint.node == node)
            && (clusterID == nil || endpoint.clusterID == clusterID)
            && labels.allSatisfy { endpoint.labels[$0.key] == $0.value || endpoint.value(of: $0.key) == $0.value }
    }
}

extension AddressFamilies {
    /// Whether an endpoint can be called: names are looked up, and may have addresses of any family; sockets have none.
    fileprivate func reaches(_ address: String) -> Bool {
        if supports(address) || address.hasPrefix("unix:") { return true }
        return !address.contains(":") && !address.allSatisfy { $0.isNumber || $0 == "." }
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
        healthStatus = endpoint.isEnding ? .draining : .healthy
        loadBalancingWeight = .init(max(1, endpoint.weight))
        let workload = endpoint.telemetryName
        if !workload.isEmpty { metadata = .init("istio", ["workload": .init(stringValue: workload)]) }
        if endpoint.isMutualTLS {
            metadata.filterMetadata[TLSModeMetadata.key] = .init(fields: TLSModeMetadata.mutualTLS)
        }
    }
}

extension Endpoint {
    /// It serves what it has begun, as Kubernetes or its own label says.
    fileprivate var isEnding: Bool { health == .draining || !(labels["istio.io/draining"] ?? "").isEmpty }

    /// What telemetry calls the server.
    fileprivate var telemetryName: String {
        guard !workloadName.isEmpty, let identity else { return "" }
        return PeerNames(
            workload: workloadName, namespace: identity.namespace,
            canonicalName: CanonicalService.name(labels: labels, workloadName: workloadName),
            canonicalRevision: CanonicalService.revision(labels: labels), clusterID: clusterID,
            app: labels["app"] ?? "", version: labels["version"] ?? ""
        ).text
    }
}
