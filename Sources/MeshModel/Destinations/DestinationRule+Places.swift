extension DestinationRule {
    /// All that it says of how anything is treated.
    package var policies: [TrafficPolicy] {
        let whole = [policy].compactMap(\.self) + subsets.compactMap(\.policy)
        return whole + whole.flatMap(\.ports.values)
    }

    /// Whether it matters to it where a caller is.
    var seesPlaces: Bool { policies.contains { $0.outlierDetection != nil || $0.loadBalancer?.locality != nil } }

    /// Whether it matters to it on which node a caller is.
    var seesNodes: Bool { policies.contains { $0.loadBalancer?.locality?.seesNodes ?? false } }

    /// Labels of workloads, but for those that say where they are, that it looks for in a caller.
    var priorityLabelKeys: Set<String> {
        Set(policies.flatMap { $0.loadBalancer?.locality?.priorityLabelKeys ?? [] })
    }
}

extension LocalityLoadBalancing {
    /// Labels of workloads, but for those that say where they are, that endpoints should share with their caller.
    package var priorityLabelKeys: Set<String> {
        Set(priorities.filter { $0.value == nil }.map(\.label)).subtracting(TopologyLabel.all)
    }

    /// Whether it matters on which node a caller is.
    package var seesNodes: Bool { failoverPriority.contains(TopologyLabel.node) }

    /// The labels, the weightiest first. Some name the value that endpoints should have whoever calls.
    var priorities: [(label: String, value: String?)] {
        failoverPriority.map { text in
            guard let equals = text.firstIndex(of: "=") else { return (text, nil) }
            return (String(text[..<equals]), String(text[text.index(after: equals)...]))
        }
    }
}

/// Labels that every workload has for the place where it is, whether they are written or not.
package enum TopologyLabel {
    package static let region = "topology.kubernetes.io/region"
    package static let zone = "topology.kubernetes.io/zone"
    package static let subzone = "topology.istio.io/subzone"
    package static let network = "topology.istio.io/network"
    package static let cluster = "topology.istio.io/cluster"
    package static let node = "kubernetes.io/hostname"

    package static let withinRegions: Set<String> = [region, zone, subzone]
    package static let all: Set<String> = [region, zone, subzone, network, cluster, node]
}
