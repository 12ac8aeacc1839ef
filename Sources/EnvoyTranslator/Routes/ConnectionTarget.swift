package import MeshModel

/// Where connections go that are passed on as they are.
package struct ConnectionTarget: Hashable, Sendable {
    package struct Cluster: Hashable, Sendable {
        package var name: String
        /// Relative to the others; 0: it is the only one, and gets all.
        package var weight: Int

        package init(name: String, weight: Int = 0) {
            self.name = name
            self.weight = weight
        }
    }

    /// At least one.
    package var clusters: [Cluster]
    /// Under which the proxy counts connections.
    package var statPrefix: String
    package var settings: TCPDestination

    package init(clusters: [Cluster], statPrefix: String, settings: TCPDestination = .init()) {
        self.clusters = clusters
        self.statPrefix = statPrefix
        self.settings = settings
    }

    /// All to one.
    package static func cluster(_ name: String, settings: TCPDestination = .init()) -> ConnectionTarget {
        ConnectionTarget(clusters: [.init(name: name)], statPrefix: name, settings: settings)
    }
}

extension DestinationLookup {
    /// Where a rule sends connections; nil if it names no destination.
    ///
    /// - Parameters:
    ///   - listenerPort: That clients call.
    ///   - statPrefix: Under which connections are counted that go to several.
    package func target(
        of destinations: [WeightedDestination], listenerPort: Int, statPrefix: String
    ) -> ConnectionTarget? {
        guard let first = destinations.first?.destination else { return nil }
        guard destinations.count > 1 else {
            return .cluster(
                cluster(of: first, calledPort: listenerPort),
                settings: settings(of: first, subset: first.subset, listenerPort: listenerPort))
        }
        let used = destinations.filter { $0.weight > 0 }
        guard !used.isEmpty else { return nil }
        // What subsets say of connections is told to none of them.
        return ConnectionTarget(
            clusters: used.map {
                .init(name: cluster(of: $0.destination, calledPort: listenerPort), weight: $0.weight)
            },
            statPrefix: statPrefix, settings: settings(of: first, subset: "", listenerPort: listenerPort))
    }

    /// Where connections to a port of a service go, if nothing else is said.
    func target(of target: OutboundServices.Port) -> ConnectionTarget {
        .cluster(target.clusterName, settings: TCPDestination(rule(for: target.service), port: target.port.number))
    }

    private func settings(of destination: RouteDestination, subset: String, listenerPort: Int) -> TCPDestination {
        guard let service = service(destination.host) else { return TCPDestination() }
        let port = target(of: destination, calledPort: listenerPort).port
        return TCPDestination(rule(for: service), port: port, subset: subset)
    }
}
