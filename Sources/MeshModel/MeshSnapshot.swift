/// The whole mesh at one moment.
package struct MeshSnapshot: Hashable, Sendable {
    package var settings: MeshSettings
    package var services: [ServiceKey: MeshService]
    package var endpoints: [EndpointKey: EndpointSet]
    /// By each of its addresses. Those that share their node's address are not among them.
    package var workloads: [String: Workload]
    package var configuration: MeshConfiguration
    package var topology: MeshTopology

    package init(
        settings: MeshSettings = MeshSettings(), services: [ServiceKey: MeshService] = [:],
        endpoints: [EndpointKey: EndpointSet] = [:], workloads: [String: Workload] = [:],
        configuration: MeshConfiguration = MeshConfiguration(), topology: MeshTopology = MeshTopology()
    ) {
        self.settings = settings
        self.services = services
        self.endpoints = endpoints
        self.workloads = workloads
        self.configuration = configuration
        self.topology = topology
    }

    /// The endpoints of a service's port.
    package func endpoints(of service: ServiceKey, port: ServicePort) -> EndpointSet {
        endpoints[EndpointKey(service: service, portName: port.name)] ?? .empty
    }
}
