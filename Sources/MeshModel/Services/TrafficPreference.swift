/// Calls of a client go to the same endpoint, told by the client's address.
package struct SessionAffinity: Hashable, Sendable {
    /// How long after a client's last call.
    package var timeout: Duration

    package init(timeout: Duration) { self.timeout = timeout }
}

/// Which of a service's endpoints are preferred by a caller.
package enum TrafficDistribution: Hashable, Sendable {
    case any
    /// Those in the caller's zone, else in its region, else all.
    case preferSameZone
    /// Those on the caller's node, then as `preferSameZone`.
    case preferSameNode

    /// By which Services, ServiceEntries and Namespaces say it.
    package static let annotation = "networking.istio.io/traffic-distribution"

    /// Reads `trafficDistribution` of a Service; nil for a word without a meaning here.
    package init?(word: String) {
        switch word {
        case "PreferClose", "PreferSameZone": self = .preferSameZone
        case "PreferSameNode": self = .preferSameNode
        case "Any", "": self = .any
        default: return nil
        }
    }
}
