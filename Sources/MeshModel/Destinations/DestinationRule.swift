/// How clients treat a service, once it is settled that traffic goes to it.
package struct DestinationRule: Hashable, Sendable {
    /// A part of the service that routes can name.
    package struct Subset: Hashable, Sendable {
        package var name: String
        /// What the labels of its workloads have to be.
        package var labels: [String: String]
        /// Laid over that of the service.
        package var policy: TrafficPolicy?

        package init(name: String, labels: [String: String] = [:], policy: TrafficPolicy? = nil) {
            self.name = name
            self.labels = labels
            self.policy = policy
        }
    }

    package var origin: ConfigurationOrigin
    /// A whole host name in lower case, or one with a leading `*`.
    package var host: String
    package var visibility: Visibility
    /// Labels of the clients that it is for, in its own namespace; nil: all clients.
    package var workloadSelector: [String: String]?
    /// Nil if nothing is said, which an equal rule may then say.
    package var policy: TrafficPolicy?
    package var subsets: [Subset]

    package init(
        origin: ConfigurationOrigin, host: String, visibility: Visibility = .everywhere,
        workloadSelector: [String: String]? = nil, policy: TrafficPolicy? = nil, subsets: [Subset] = []
    ) {
        self.origin = origin
        self.host = host
        self.visibility = visibility
        self.workloadSelector = workloadSelector
        self.policy = policy
        self.subsets = subsets
    }

    /// The subset of this name.
    package func subset(_ name: String) -> Subset? { subsets.first { $0.name == name } }

    /// What counts for a port of the service, or of a subset of it.
    ///
    /// What is said of a port counts instead of all that is said of the service, except for the tunnel. A subset
    /// replaces what it names, part by part.
    ///
    /// - Parameter subset: Empty for the whole service.
    package func policy(port: Int, subset: String = "") -> TrafficPolicy {
        let whole = policy?.policy(port: port) ?? TrafficPolicy()
        guard !subset.isEmpty, let own = self.subset(subset)?.policy else { return whole }
        return whole.overlaid(with: own, port: port)
    }

    /// By what requests are told apart that have to go to the same workload; in the order of their weight.
    package func hashPolicies(port: Int, subset: String = "") -> [HashPolicy] {
        policy(port: port, subset: subset).loadBalancer?.consistentHash?.key.map { [$0] } ?? []
    }

    /// Whether a client's labels are those that it is for.
    package func isFor(_ labels: [String: String]) -> Bool {
        workloadSelector?.allSatisfy { labels[$0.key] == $0.value } ?? true
    }

    /// Takes over what a younger rule for the same host says besides.
    mutating func join(_ younger: DestinationRule) {
        if policy == nil { policy = younger.policy }
        subsets += younger.subsets.filter { subset($0.name) == nil }
    }
}
