package import KubernetesModel
package import MeshModel

/// An object that configures the mesh: of Istio's kinds, or an Ingress.
package struct ConfigurationObject: Hashable, Sendable {
    package var groupKind: GroupKind
    /// Without the fields that the API server keeps for itself: equal configuration is equal here.
    package var metadata: ObjectMeta
    package var spec: JSONValue
    /// Of those kinds alone whose status says what the mesh is to do.
    package var status: JSONValue

    package init(groupKind: GroupKind, metadata: ObjectMeta, spec: JSONValue, status: JSONValue = .null) {
        self.groupKind = groupKind
        self.metadata = metadata
        self.metadata.resourceVersion = ""
        self.metadata.finalizers = []
        self.metadata.ownerReferences = []
        self.spec = spec
        self.status = Self.kindsWithStatus.contains(groupKind) ? status : .null
    }

    private static let kindsWithStatus: Set<GroupKind> = [
        GroupKind(group: "networking.istio.io", kind: "ServiceEntry"),
        GroupKind(group: "networking.istio.io", kind: "WorkloadEntry"),
    ]

    /// Reads an object that was read whole.
    package init(_ object: UnstructuredObject) {
        self.init(
            groupKind: object.groupVersionKind.groupKind, metadata: ObjectMeta(object.json["metadata"] ?? .null),
            spec: object.json["spec"] ?? .object([:]), status: object.json["status"] ?? .null)
    }

    package var key: ObjectKey { metadata.key }
    package var reference: ObjectReference { ObjectReference(groupKind, key) }
    package var origin: ConfigurationOrigin {
        ConfigurationOrigin(reference, created: metadata.creationTimestamp)
    }
}
