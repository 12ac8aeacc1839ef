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
        reference = object.reference
        let metadata = object.metadata
        uid = metadata.uid
        owner = Owner(labels: metadata.labels)
        component = metadata.labels["operator.istio.io/component"] ?? ""
        revision = metadata.labels["istio.io/rev"] ?? ""
        isBeingDeleted = metadata.deletionTimestamp != nil
        readiness = Readiness(of: object)
        fingerprint = OwnedObject.fingerprint(of: object)
    }

    private static func fingerprint(of object: UnstructuredObject) -> Int {
        var json = object.json
        json["status"] = nil
        for field in ["resourceVersion", "generation", "managedFields", "creationTimestamp", "selfLink"] {
            json["metadata", field] = nil
        }
        return json.hashValue
    }

    /// Reads owned objects from lists and watches.
    package static let reader = ObjectReader<OwnedObject>.json { OwnedObject($0) }
}

extension IstioOperatorReconciler {
    /// One store per installed kind.
    package typealias OwnedStores = [APIResource: Store<OwnedObject>]
}
