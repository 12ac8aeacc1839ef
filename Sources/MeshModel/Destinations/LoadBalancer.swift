/// Which workload gets the next request.
package struct LoadBalancer: Hashable, Sendable {
    package enum Algorithm: Hashable, Sendable {
        case leastRequest
        case roundRobin
        case random
        /// To the address that the client called.
        case passthrough
        case consistentHash(ConsistentHash)
        case backendUtilization(BackendUtilization)
    }

    package var algorithm: Algorithm
    /// Nil: as the mesh is configured.
    package var locality: LocalityLoadBalancing?
    /// Nil: zones count as `locality` says.
    package var zoneAwareness: ZoneAwareness?
    /// Nil: new workloads get their full share at once.
    package var warmup: Warmup?

    package init(
        _ algorithm: Algorithm = .leastRequest, locality: LocalityLoadBalancing? = nil, warmup: Warmup? = nil
    ) {
        self.algorithm = algorithm
        self.locality = locality
        self.warmup = warmup
    }

    /// How requests that are alike find the same workload; nil if they need not.
    package var consistentHash: ConsistentHash? {
        if case .consistentHash(let hash) = algorithm { hash } else { nil }
    }
}

/// Calls stay in their zone as far as that leaves all workloads equally busy; proxies find out themselves.
package struct ZoneAwareness: Hashable, Sendable {
    /// With fewer workloads zones do not count; nil: as many as the proxy says.
    package var minimumClusterSize: Int?

    package init(minimumClusterSize: Int? = nil) { self.minimumClusterSize = minimumClusterSize }
}

/// Requests that are alike go to the same workload.
package struct ConsistentHash: Hashable, Sendable {
    package enum Table: Hashable, Sendable {
        /// Nil: Envoy's own size.
        case ring(minimumSize: Int?)
        case maglev(size: Int?)
    }

    /// What makes requests alike; nil if it is not said.
    package var key: HashPolicy?
    package var table: Table

    package init(key: HashPolicy?, table: Table = .ring(minimumSize: nil)) {
        self.key = key
        self.table = table
    }
}

/// By what requests, or connections, are told apart.
package enum HashPolicy: Hashable, Sendable {
    case header(String)
    /// A cookie; one that is missing is made if it has a lifetime.
    case cookie(HashCookie)
    case sourceAddress
    case queryParameter(String)
}

/// A cookie that tells clients apart.
package struct HashCookie: Hashable, Sendable {
    package struct Attribute: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package var name: String
    package var path: String
    /// Nil: it is never made; zero: it ends with the session.
    package var lifetime: Duration?
    package var attributes: [Attribute]

    package init(name: String, path: String = "", lifetime: Duration? = nil, attributes: [Attribute] = []) {
        self.name = name
        self.path = path
        self.lifetime = lifetime
        self.attributes = attributes
    }
}

/// New workloads get their full share of traffic by and by.
package struct Warmup: Hashable, Sendable {
    package var duration: Duration
    /// The share that they begin with.
    package var minimumPercent: Double
    /// 1 is evenly, more is faster at first.
    package var aggression: Double

    package init(duration: Duration, minimumPercent: Double = 10, aggression: Double = 1) {
        self.duration = duration
        self.minimumPercent = minimumPercent
        self.aggression = aggression
    }
}

/// Workloads get as much as their own reports of load say they can take. What is nil is left to the proxy.
package struct BackendUtilization: Hashable, Sendable {
    package var updatePeriod: Duration?
    package var stabilizationPeriod: Duration?
    package var expirationPeriod: Duration?
    package var errorPenaltyPercent: Int?
    package var metricNames: [String]

    package init(
        updatePeriod: Duration? = nil, stabilizationPeriod: Duration? = nil, expirationPeriod: Duration? = nil,
        errorPenaltyPercent: Int? = nil, metricNames: [String] = []
    ) {
        self.updatePeriod = updatePeriod
        self.stabilizationPeriod = stabilizationPeriod
        self.expirationPeriod = expirationPeriod
        self.errorPenaltyPercent = errorPenaltyPercent
        self.metricNames = metricNames
    }
}
