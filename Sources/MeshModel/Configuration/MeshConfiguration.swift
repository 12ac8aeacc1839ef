package import KubernetesModel

/// What people have configured the mesh to do, kind by kind: only objects that make sense.
///
/// A kind has a line here, a line in `ConfigurationTranslation.all` of MeshTranslator, and a folder in both targets.
package struct MeshConfiguration: Hashable, Sendable {
    package init() {}

    /// Labels that decide which configuration counts for a workload's calls to others: workloads that differ in no
    /// other way share all that is made for those.
    package var clientLabelKeys: Set<String> {
        []
    }
}

/// What every configured object says of itself.
package struct ConfigurationOrigin: Hashable, Sendable, Comparable {
    package var reference: ObjectReference
    /// RFC 3339; the older of two that conflict wins. Empty if not known: as young as can be.
    package var created: String

    package init(_ reference: ObjectReference, created: String = "") {
        self.reference = reference
        self.created = created
    }

    package var namespace: String { reference.key.namespace }
    package var name: String { reference.key.name }

    /// The older first; of equally old ones by name, then by namespace.
    package static func < (left: ConfigurationOrigin, right: ConfigurationOrigin) -> Bool {
        (left.created.isEmpty ? "~" : left.created, left.name, left.namespace)
            < (right.created.isEmpty ? "~" : right.created, right.name, right.namespace)
    }
}
