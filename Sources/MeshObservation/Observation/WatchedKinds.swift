import IstioAPI
import KubernetesClient
import KubernetesModel
import MeshTranslator

extension WatchedKind {
    /// The kinds of Kubernetes itself that make a mesh.
    ///
    /// - Parameters:
    ///   - api: What the server has: endpoints come in one of several forms.
    ///   - meshConfig: The ConfigMap with the mesh's settings.
    static func builtIn(servedBy api: DiscoveredAPI, meshConfig: ObjectKey) -> [WatchedKind] {
        let scope = ListScope(namespace: meshConfig.namespace, fieldSelector: "metadata.name=\(meshConfig.name)")
        return cluster(servedBy: api) + ingresses(servedBy: api) + [
            .objects(MeshConfigMap.self, .configMaps, in: scope, prepare: { $0.keeping("mesh") }) { _, object in
                .meshConfig(object?.data?["mesh"])
            },
            .objects(MeshConfigMap.self, .configMaps, in: scope, prepare: { $0.keeping("meshNetworks") }) { _, object in
                .meshNetworks(object?.data?["meshNetworks"])
            },
        ]
    }

    /// The kinds that services and their endpoints are made of.
    static func cluster(servedBy api: DiscoveredAPI) -> [WatchedKind] {
        [
            .objects(ServiceObject.self, .services, prepare: \.trimmed) { .service($0, $1) },
            .objects(PodObject.self, .pods, isUrgent: true, prepare: \.trimmed) { .pod($0, $1) },
            .objects(NodeObject.self, .nodes, prepare: { NodeObject(metadata: $0.metadata.labelled) }) {
                .node($0.name, $1)
            },
            .objects(
                NamespaceObject.self, .namespaces,
                prepare: { NamespaceObject(metadata: $0.metadata.labelled(keeping: NamespaceObject.annotations)) }
            ) {
                .namespace($0.name, $1)
            },
            endpoints(servedBy: api),
        ]
    }

    private static func endpoints(servedBy api: DiscoveredAPI) -> WatchedKind {
        guard let slices = api.preferred("discovery.k8s.io", "EndpointSlice", among: ["v1", "v1beta1"]) else {
            return .objects(EndpointsObject.self, .endpoints, isUrgent: true, prepare: \.trimmed) {
                .endpoints($0, $1)
            }
        }
        return .objects(EndpointSliceObject.self, slices, isUrgent: true, prepare: \.trimmed) {
            .endpointSlice($0, $1)
        }
    }

    private static func ingresses(servedBy api: DiscoveredAPI) -> [WatchedKind] {
        ["Ingress", "IngressClass"]
            .compactMap { api.preferred("networking.k8s.io", $0, among: ["v1", "v1beta1"]) }.map { .configuration($0) }
    }

    /// The kinds that are watched once they are installed.
    static let installable: [GroupKind] = CustomResource.configuration.map {
        GroupKind(group: $0.group, kind: $0.kind)
    }
}

/// What is read of the ConfigMap with the mesh's settings.
private struct MeshConfigMap: KubernetesObject, Hashable {
    var metadata: ObjectMeta
    var data: [String: String]?

    func keeping(_ key: String) -> MeshConfigMap {
        var map = self
        map.metadata = ObjectMeta(name: metadata.name, namespace: metadata.namespace)
        map.data = data?.filter { $0.key == key }
        return map
    }
}

extension ObjectMeta {
    /// Name and labels alone.
    fileprivate var labelled: ObjectMeta { ObjectMeta(name: name, namespace: namespace, labels: labels) }

    /// Name and labels, and some annotations.
    fileprivate func labelled(keeping kept: Set<String>) -> ObjectMeta {
        var meta = labelled
        meta.annotations = annotations.filter { kept.contains($0.key) }
        return meta
    }

    /// Without what changes while the object says the same.
    fileprivate var settled: ObjectMeta {
        var meta = self
        meta.resourceVersion = ""
        meta.generation = 0
        meta.uid = ""
        meta.finalizers = []
        return meta
    }
}

extension ServiceObject {
    fileprivate var trimmed: ServiceObject {
        var service = self
        service.metadata = metadata.settled
        service.metadata.ownerReferences = []
        service.metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"] = nil
        return service
    }
}

extension PodObject {
    fileprivate var trimmed: PodObject {
        var pod = self
        pod.metadata = metadata.settled
        return pod
    }
}

extension EndpointSliceObject {
    fileprivate var trimmed: EndpointSliceObject {
        var slice = self
        slice.metadata = metadata.labelled
        return slice
    }
}

extension EndpointsObject {
    fileprivate var trimmed: EndpointsObject {
        var endpoints = self
        endpoints.metadata = metadata.labelled
        return endpoints
    }
}
