package import MeshModel

extension MeshSnapshot {
    /// Names of clusters that services of several namespaces would have: clients who see them all have but one of them.
    package var repeatedClusters: Set<String> {
        var first: [String: MeshService] = [:]
        var repeated: [String: [MeshService]] = [:]
        for service in services.values {
            guard let other = first[service.hostname] else {
                first[service.hostname] = service
                continue
            }
            repeated[service.hostname, default: [other]].append(service)
        }
        var names: Set<String> = []
        for (host, services) in repeated {
            for (index, service) in services.enumerated() {
                let met = services[..<index].filter { $0.visibility.meets(service.visibility) }
                for port in service.ports where port.meshProtocol.isCarried {
                    if met.contains(where: { $0.port(number: port.number) != nil }) {
                        names.insert(ClusterNames.outbound(port: port.number, host: host))
                    }
                }
            }
        }
        return names
    }

    /// This mesh with no other services than those that some cluster may look up nothing for: where no name is known, or a
    /// subset need not have any.
    func keepingNamesWithoutEndpoints() -> MeshSnapshot {
        let divided = Set(
            configuration.destinationRules.all.values.lazy.filter { !$0.subsets.isEmpty }.map(\.host))
        var mesh = self
        mesh.services = services.filter { _, service in
            guard service.resolution == .dns || service.resolution == .dnsRoundRobin else { return false }
            return service.isWildcard || HostPatterns(matching: service.hostname).contains(where: divided.contains)
        }
        return mesh
    }
}

/// Names of the clusters that look up nothing, because they have no endpoints whose names they could look up.
package func emptyNameClusters(for traits: OutboundTraits, in snapshot: MeshSnapshot) -> Set<String> {
    let plan = DestinationPlan(DestinationClient(traits), in: snapshot)
    let services = OutboundServices(visibleTo: traits.scope, in: snapshot, isRouter: traits.isRouter)
    return Set(services.clusters(plan).lazy.filter(\.looksUpNothing).map(\.name))
}

extension OutboundClusterInput {
    fileprivate var looksUpNothing: Bool {
        switch discovery {
        case .dns(let input), .firstOfDNS(let input):
            !input.endpoints.endpoints.contains { endpoint in
                input.labels.allSatisfy { endpoint.labels[$0.key] == $0.value }
            }
        case .endpoints, .originalDestination, .dynamicDNS: false
        }
    }
}
