import MeshModel

/// What connections of another network can ask for by name.
struct NamedService {
    var service: MeshService
    var port: ServicePort
    var subset: DestinationRule.Subset?
    var endpoints: EndpointSet

    /// Of the cluster, and what clients ask for in TLS.
    var name: String {
        ClusterNames.serverName(port: port.number, subset: subset?.name ?? "", host: service.hostname)
    }

    func cluster(_ settings: ClusterSettings) -> NamedClusterInput {
        NamedClusterInput(
            host: service.hostname, serviceName: service.name, namespace: service.namespace, port: port.number,
            subset: subset?.name ?? "", settings: settings)
    }

    /// Only those who end mutual TLS understand what comes; those of other networks have a gateway of their own.
    func loadAssignment(_ preference: EndpointPreference) -> LoadAssignmentInput {
        let labels = subset?.labels ?? [:]
        let called = endpoints.endpoints.filter { endpoint in
            endpoint.isMutualTLS
                && (endpoint.network == preference.network || endpoint.network.isEmpty || preference.network.isEmpty)
                && labels.allSatisfy { endpoint.labels[$0.key] == $0.value }
        }
        return LoadAssignmentInput(
            clusterName: name, endpoints: EndpointSet(called), families: preference.addressFamilies)
    }
}

extension OutboundServices {
    /// Every port of services within the mesh, and every subset of their workloads.
    func named(for view: ProxyView, in snapshot: MeshSnapshot) -> [NamedService] {
        ports.filter { !$0.service.isExternal && $0.service.resolution == .endpoints }.flatMap { target in
            let rule = snapshot.destinationRule(
                for: target.service.key, from: view.outbound.namespace, labels: view.labels)
            let subsets: [DestinationRule.Subset?] = [nil] + (rule?.subsets ?? [])
            return subsets.map {
                NamedService(service: target.service, port: target.port, subset: $0, endpoints: target.endpoints)
            }
        }
    }
}
