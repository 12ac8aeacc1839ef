package import ControllerRuntime
package import KubernetesClient
package import KubernetesModel

/// What the operator remembers of an installed object: whose it is, whether it changed, whether it is ready.
///
/// Objects themselves are not kept: a fingerprint tells drift, and a drifted object is read again.
package struct OwnedObject: Keyed, Hashable {
    package var reference: ObjectReference
    package var uid: String
    package var owner: Owner?
    /// Value of the label `operator.istio.io/component`.
    package var component: String
    /// Value of the label `istio.io/rev`; empty on shared objects.
    package var revision: String
    package var isBeingDeleted: Bool
    package var readiness: Readiness
    /// Equal as long as nothing but status and bookkeeping changed. Differs between processes.
    package var fingerprint: Int

    package var key: ObjectKey { reference.key }

    package init(_ object: UnstructuredObject) {
        let isDefinition = object.groupVersionKind.groupKind == APIResource.customResourceDefinitions.groupKind
        self.init(
            object.reference.groupKind, object.metadata, readiness: Readiness(of: object),
            fingerprint: isDefinition
                ? OwnedObject.fingerprint(ofDefinition: object.metadata) : OwnedObject.fingerprint(of: object))
    }

    /// Reads a custom resource definition without its schemas, which are by far the largest objects of an install.
    init(_ definition: DefinitionHead) {
        self.init(
            APIResource.customResourceDefinitions.groupKind, definition.metadata,
            readiness: Readiness(ofDefinition: definition.conditions),
            fingerprint: OwnedObject.fingerprint(ofDefinition: definition.metadata))
    }

    private init(_ kind: GroupKind, _ metadata: ObjectMeta, readiness: Readiness, fingerprint: Int) {
        reference = ObjectReference(kind, metadata.key)
        uid = metadata.uid
        // Controllers copy labels: an EndpointSlice that comes with a Service has that one's, and is not installed.
        let isControlled = metadata.ownerReferences.contains { $0.controller == true }
        owner = isControlled ? nil : Owner(labels: metadata.labels)
        component = metadata.labels["operator.istio.io/component"] ?? ""
        revision = metadata.labels["istio.io/rev"] ?? ""
        isBeingDeleted = metadata.deletionTimestamp != nil
        self.readiness = readiness
        self.fingerprint = fingerprint
    }

    /// A definition's generation goes up with every change of its spec.
    private static func fingerprint(ofDefinition metadata: ObjectMeta) -> Int {
        var hasher = Hasher()
        hasher.combine(metadata.generation)
        hasher.combine(metadata.labels)
        hasher.combine(metadata.annotations)
        return hasher.finalize()
    }

    private static func fingerprint(of object: UnstructuredObject) -> Int {
        var json = object.json
        json["status"] = nil
        for field in ["resourceVersion", "generation", "managedFields", "creationTimestamp", "selfLink"] {
            json["metadata", field] = nil
        }
        var hasher = Hasher()
        hasher.combine(json)
        hasher.combine(object.fieldsOfTheControlPlane)
        return hasher.finalize()
    }

    /// Reads owned objects of a kind from lists and watches.
    package static func reader(for resource: APIResource) -> ObjectReader<OwnedObject> {
        resource.groupKind == APIResource.customResourceDefinitions.groupKind
            ? ObjectReader.decodable(DefinitionHead.self).map { OwnedObject($0) }
            : .json { OwnedObject($0) }
    }
}

extension UnstructuredObject {
    /// What the control plane has made its own of a webhook configuration: from then on the operator leaves it out.
    fileprivate var fieldsOfTheControlPlane: [FieldOwnership] {
        kind.hasSuffix("WebhookConfiguration") ? FieldOwnership.owned(by: "pilot-discovery", in: self) : []
    }
}

extension IstioOperatorReconciler {
    /// One store per installed kind.
    package typealias OwnedStores = [APIResource: Store<OwnedObject>]
}
