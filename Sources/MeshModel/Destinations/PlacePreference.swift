/// How the endpoints of a service are preferred by where they are.
package struct PlacePreference: Hashable, Sendable {
    package var setting: LocalityLoadBalancing
    /// Farther endpoints are called once nearer ones fail, even if nobody counts their failures.
    package var isAlwaysOrdered: Bool

    /// What a policy says, else what the service says, else the mesh.
    ///
    /// - Returns: Nil if places do not matter at all.
    package init?(_ policy: TrafficPolicy, of service: MeshService, in settings: MeshSettings) {
        if let own = policy.loadBalancer?.locality {
            setting = own
            isAlwaysOrdered = own.isRegional
        } else if let ofService = service.trafficDistribution.priorityLabels {
            setting = LocalityLoadBalancing()
            setting.failoverPriority = ofService
            isAlwaysOrdered = true
        } else {
            setting = settings.localityLoadBalancing
            isAlwaysOrdered = false
        }
        guard setting.isEnabled else { return nil }
    }
}

extension TrafficDistribution {
    /// What endpoints should share with their caller, the weightiest first.
    fileprivate var priorityLabels: [String]? {
        let zone = [TopologyLabel.network, TopologyLabel.region, TopologyLabel.zone, TopologyLabel.subzone]
        return switch self {
        case .any: nil
        case .preferSameZone: zone
        case .preferSameNode: zone + [TopologyLabel.node]
        }
    }
}
