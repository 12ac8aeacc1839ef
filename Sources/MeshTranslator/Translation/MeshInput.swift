import KubernetesModel

/// What translations of a cluster's objects look at beside the object that they translate.
enum MeshInput: Hashable, Sendable {
    /// By name: where it is.
    case node(String)
    /// By name: its labels, and how its traffic is distributed.
    case namespace(String)
    /// The workload of a Pod.
    case workload(ObjectKey)
    /// The Pod's workload that has an address for itself.
    case address(String)
    /// EndpointSlices and Endpoints of a Service.
    case endpointObjects(ObjectKey)
}
