/// One address that serves a port of a service.
package struct Endpoint: Hashable, Sendable {
    /// Whether it takes calls.
    package enum Health: Int, Hashable, Sendable {
        case ready
        case unready
        /// It ends, and still serves what it has begun.
        case draining
    }

    /// An IP address, or a host name where the service is resolved by DNS.
    package var address: String
    package var port: Int
    package var health: Health
    package var locality: Locality
    /// Of its workload.
    package var labels: [String: String]
    /// Nil if nothing is known of what runs there.
    package var identity: WorkloadIdentity?
    /// A proxy ends mutual TLS in front of it.
    package var isMutualTLS: Bool
    /// Relative to the other endpoints; at least 1.
    package var weight: Int
    package var network: String
    package var clusterID: String
    /// What it is an instance of, such as the name of its Deployment; empty if not known.
    package var workloadName: String
    /// The name of its Pod; empty if it is none.
    package var podName: String
    /// Its own name within a headless service, as of a StatefulSet's Pod: `zk-0`. Empty without one.
    package var hostname: String
    /// The name of its node; empty if it has none.
    package var node: String

    package init(address: String, port: Int, health: Health = .ready, labels: [String: String] = [:]) {
        self.address = address
        self.port = port
        self.health = health
        locality = .unknown
        self.labels = labels
        identity = nil
        isMutualTLS = false
        weight = 1
        network = ""
        clusterID = ""
        workloadName = ""
        podName = ""
        hostname = ""
        node = ""
    }
}

extension Endpoint: Comparable {
    /// By network and address, then port: the order of an `EndpointSet`.
    package static func < (left: Endpoint, right: Endpoint) -> Bool {
        (left.clusterID, left.network, left.address, left.port)
            < (right.clusterID, right.network, right.address, right.port)
    }
}
