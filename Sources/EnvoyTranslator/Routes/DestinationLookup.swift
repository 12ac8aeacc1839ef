package import MeshModel

/// What the destinations of routes stand for, as a scope sees the mesh.
package struct DestinationLookup: Sendable {
    private let services: [String: MeshService]
    private let rules: DestinationRules
    private let namespace: String
    private let labels: [String: String]
    private let rootNamespace: String
    private let keepsSessions: Bool

    /// - Parameters:
    ///   - services: By host name: all that the scope may call, imported by its Sidecar or not.
    ///   - labels: Of the client.
    package init(
        _ services: [String: MeshService], in snapshot: MeshSnapshot, scope: OutboundScope,
        labels: [String: String] = [:]
    ) {
        self.services = services
        rules = snapshot.configuration.destinationRules
        namespace = scope.namespace
        self.labels = labels
        rootNamespace = snapshot.settings.rootNamespace
        keepsSessions = snapshot.settings.keepsSessions
    }

    /// For a scope that calls all services it sees.
    package init(_ snapshot: MeshSnapshot, scope: OutboundScope, labels: [String: String] = [:]) {
        var whole = scope
        whole.egress = .all
        self.init(
            Dictionary(
                snapshot.services(visibleTo: whole).map { ($0.hostname, $0) }, uniquingKeysWith: { first, _ in first }),
            in: snapshot, scope: scope, labels: labels)
    }

    /// The service of a host name, or the one that this is another name for.
    package func service(_ host: String) -> MeshService? {
        var seen: Set<String> = []
        var found = services[host]
        while case .externalName(let next)? = found?.resolution, let other = services[next],
            seen.insert(next).inserted
        {
            found = other
        }
        return found
    }

    /// Where a destination's traffic goes; there need not be such a cluster.
    ///
    /// - Parameter calledPort: The port that clients call: also the destination's, if it says nothing else.
    package func cluster(of destination: RouteDestination, calledPort: Int) -> String {
        let target = target(of: destination, calledPort: calledPort)
        return ClusterNames.outbound(port: target.port, subset: destination.subset, host: target.host)
    }

    /// By what requests to a destination are told apart that have to go to the same workload.
    package func hashPolicies(of destination: RouteDestination, calledPort: Int) -> [HashPolicy] {
        let target = target(of: destination, calledPort: calledPort)
        return hashPolicies(host: target.host, port: target.port, subset: destination.subset)
    }

    /// By what requests to a service are told apart that have to go to the same workload.
    package func hashPolicies(host: String, port: Int, subset: String = "") -> [HashPolicy] {
        guard !rules.isEmpty, let service = services[host], let rule = rule(for: service) else { return [] }
        return rule.hashPolicies(port: port, subset: subset)
    }

    /// By what requests of one client are told that go to the same endpoint of a host; nil: none do.
    func session(of host: String) -> PersistentSession? {
        keepsSessions ? service(host).flatMap { PersistentSession($0) } : nil
    }

    /// The DestinationRule for a service.
    package func rule(for service: MeshService) -> DestinationRule? {
        rules.rule(
            for: service.hostname, in: service.namespace, from: namespace, labels: labels, root: rootNamespace)
    }

    /// The host and port that a destination means.
    package func target(of destination: RouteDestination, calledPort: Int) -> (host: String, port: Int) {
        let service = service(destination.host)
        let only = service.flatMap { $0.ports.count == 1 ? $0.ports.first?.number : nil }
        return (service?.hostname ?? destination.host, destination.port ?? only ?? calledPort)
    }
}
