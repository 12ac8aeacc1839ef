package import KubernetesModel
package import MeshModel

/// The objects of a cluster that make up the mesh.
package struct ClusterObjects: Hashable, Sendable {
    package var services: [ObjectKey: ServiceObject] = [:]
    package var endpointSlices: [ObjectKey: EndpointSliceObject] = [:]
    package var endpoints: [ObjectKey: EndpointsObject] = [:]
    package var pods: [ObjectKey: PodObject] = [:]
    package var nodes: [String: NodeObject] = [:]
    package var namespaces: [String: NamespaceObject] = [:]
    /// Of all kinds that configure the mesh.
    package var configuration: [ObjectReference: ConfigurationObject] = [:]
    /// JSON Web Key Sets that were fetched, as they came.
    package var keySets: [KeySetSource: String] = [:]
    /// Of host names that have been looked up.
    package var hostAddresses: [String: [String]] = [:]
    /// Key `mesh` of the ConfigMap of mesh settings, in YAML.
    package var meshConfig: String?
    /// Key `meshNetworks` of the same ConfigMap, in YAML.
    package var meshNetworks: String?
    /// Of other clusters, by the clusters' ids. Only what makes up services and their endpoints counts.
    package var remotes: [String: ClusterObjects] = [:]

    package init() {}
}

/// That one object is new, another one, or (nil) gone.
package enum ObjectChange: Hashable, Sendable {
    case service(ObjectKey, ServiceObject?)
    case endpointSlice(ObjectKey, EndpointSliceObject?)
    case endpoints(ObjectKey, EndpointsObject?)
    case pod(ObjectKey, PodObject?)
    case node(String, NodeObject?)
    case namespace(String, NamespaceObject?)
    case meshConfig(String?)
    case meshNetworks(String?)
    /// An object of another cluster changed; nil: nothing is known of the cluster any more.
    indirect case remote(clusterID: String, ObjectChange?)
    case configuration(ObjectReference, ConfigurationObject?)
    case keySet(KeySetSource, String?)
    /// The addresses of a host name; nil: it is not looked up any more.
    case hostAddresses(String, [String]?)
}

extension ClusterObjects {
    /// Takes a change over.
    package mutating func apply(_ change: ObjectChange) {
        switch change {
        case .service(let key, let object): services[key] = object
        case .endpointSlice(let key, let object): endpointSlices[key] = object
        case .endpoints(let key, let object): endpoints[key] = object
        case .pod(let key, let object): pods[key] = object
        case .node(let name, let object): nodes[name] = object
        case .namespace(let name, let object): namespaces[name] = object
        case .meshConfig(let text): meshConfig = text
        case .meshNetworks(let text): meshNetworks = text
        case .remote(let id, let change?):
            var remote = remotes[id] ?? ClusterObjects()
            remote.apply(change)
            // A cluster is there as long as it has anything.
            remotes[id] = remote == ClusterObjects() ? nil : remote
        case .remote(let id, nil): remotes[id] = nil
        case .configuration(let reference, let object): configuration[reference] = object
        case .keySet(let source, let text): keySets[source] = text
        case .hostAddresses(let name, let addresses): hostAddresses[name] = addresses
        }
    }
}
