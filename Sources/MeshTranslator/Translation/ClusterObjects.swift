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
    /// Key `mesh` of the ConfigMap of mesh settings, in YAML.
    package var meshConfig: String?

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
    case configuration(ObjectReference, ConfigurationObject?)
    case keySet(KeySetSource, String?)
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
        case .configuration(let reference, let object): configuration[reference] = object
        case .keySet(let source, let text): keySets[source] = text
        }
    }
}
