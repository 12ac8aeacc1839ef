package import KubernetesModel
package import MeshModel

/// All that decides who serves a Service.
package struct EndpointInput: Hashable, Sendable {
    package var service: MeshService
    package var slices: [EndpointSliceObject]
    /// Counts where there are no slices.
    package var endpoints: EndpointsObject?
    package var settings: MeshSettings

    package init(
        service: MeshService, slices: [EndpointSliceObject], endpoints: EndpointsObject? = nil, settings: MeshSettings
    ) {
        self.service = service
        self.slices = slices
        self.endpoints = endpoints
        self.settings = settings
    }
}

/// Who serves each port of a Service, by the port's name. Ports that nobody serves are left out.
///
/// An address is that of a Pod if it says so, or if a Pod has it. One that says so while its Pod is not known is left
/// out until it is: without the Pod nobody could tell whether calls have to be encrypted.
package func endpointSets(
    _ input: EndpointInput, workloads: WorkloadDirectory, nodes: [String: NodeObject]
) -> [String: EndpointSet] {
    guard !input.service.isExternalName else { return [:] }
    var byPort: [String: [Endpoint]] = [:]
    for source in input.sources {
        let behind = workloadBehind(source, in: input.service.namespace, workloads)
        if behind == nil, source.pod(from: input.service.namespace) != nil { continue }
        var endpoint = Endpoint(address: source.address, port: 0, health: health(of: source, in: input.service))
        if let behind { endpoint.describe(behind) }
        endpoint.hostname = source.hostname
        if behind == nil {
            endpoint.network =
                input.settings.networks.network(ofAddress: source.address) ?? input.settings.network
            endpoint.clusterID = input.settings.clusterID
            endpoint.node = source.node
            endpoint.locality = nodes[source.node].map(locality(of:)) ?? .unknown
        }
        if endpoint.locality.isUnknown { endpoint.locality.zone = source.zone }
        for port in input.service.ports {
            guard let number = source.ports[port.name] else { continue }
            endpoint.port = number
            byPort[port.name, default: []].append(endpoint)
        }
    }
    return byPort.mapValues { EndpointSet($0) }
}

/// What makes no sense in the endpoints of a Service.
package func sliceDiagnostics(of slice: EndpointSliceObject) -> [Diagnostic] {
    guard slice.addressType == "FQDN" else { return [] }
    return [
        Diagnostic(
            .warning, path: "addressType",
            message: "is FQDN, which is not served; name the host in a ServiceEntry with resolution DNS")
    ]
}

extension EndpointInput {
    /// The addresses that count.
    var sources: [EndpointSource] {
        guard !slices.isEmpty else { return endpoints?.sources ?? [] }
        return slices.filter { $0.addressType != "FQDN" }.sorted { $0.metadata.key < $1.metadata.key }
            .flatMap(\.sources)
    }
}

extension EndpointSource {
    /// Whose address it says it is; nil: it does not say so.
    ///
    /// - Parameter namespace: Of the Service.
    func pod(from namespace: String) -> ObjectKey? {
        guard let target, target.kind == "Pod", let name = target.name else { return nil }
        return ObjectKey(namespace: target.namespace ?? namespace, name: name)
    }
}

private func workloadBehind(
    _ source: EndpointSource, in namespace: String, _ workloads: WorkloadDirectory
) -> Workload? {
    guard let pod = source.pod(from: namespace) else { return workloads.byAddress[source.address] }
    return workloads.byPod[pod]
}

private func health(of source: EndpointSource, in service: MeshService) -> Endpoint.Health {
    if source.isReady || service.publishesNotReadyAddresses { return .ready }
    return source.isTerminating && source.isServing ? .draining : .unready
}

extension Endpoint {
    mutating func describe(_ workload: Workload) {
        locality = workload.locality
        labels = workload.labels
        identity = workload.identity
        isMutualTLS = workload.isMutualTLS
        network = workload.network
        clusterID = workload.clusterID
        workloadName = workload.workloadName
        podName = workload.origin.groupKind.kind == "Pod" ? workload.name : ""
        node = workload.node
    }
}
