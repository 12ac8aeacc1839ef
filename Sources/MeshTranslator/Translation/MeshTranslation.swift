package import KubernetesModel
package import MeshModel

/// A cluster's objects, the mesh they make, and what is wrong about them; kept up to date change by change.
///
/// ```
///   changes ─► Touched ─► workloads ─► services ─► endpoints ─► snapshot, MeshDifference
/// ```
/// What a change touches is retranslated by the same functions that translate everything at the start, so that the
/// order and the grouping of changes leave no trace.
package struct MeshTranslation: Sendable {
    package internal(set) var objects: ClusterObjects
    package internal(set) var snapshot: MeshSnapshot
    /// By the object at fault.
    package internal(set) var diagnostics: [ObjectReference: [Diagnostic]] = [:]
    /// How many values were translated, ever.
    package internal(set) var work = TranslationWork()

    /// What the control plane starts with, under what the ConfigMap says.
    let base: MeshSettings
    var directory = WorkloadDirectory()
    var mentions = EndpointMentions()
    /// Services as they are without each other.
    var plainServices: [ObjectKey: MeshService] = [:]
    /// What ServiceEntries and WorkloadEntries have to do with each other and with services.
    var entries = EntryIndex()
    /// Virtual IPs that follow from the names of hosts.
    var allocatedAddresses: [ServiceKey: [String]] = [:]
    /// Services of type ExternalName, and those that have such other names.
    var externalNames: Set<ServiceKey> = []
    var aliased: Set<ServiceKey> = []

    /// - Parameter settings: What the control plane starts with: its cluster, domain and root namespace.
    package init(_ objects: ClusterObjects = ClusterObjects(), settings: MeshSettings = MeshSettings()) {
        self.objects = objects
        base = settings
        snapshot = MeshSnapshot(settings: settings)
        for (key, slice) in objects.endpointSlices { mentions.add(.slice(key), slice.service, slice.sources) }
        for (key, endpoints) in objects.endpoints { mentions.add(.endpoints(key), key, endpoints.sources) }
        var difference = MeshDifference()
        update(.everything(in: objects), &difference)
    }

    /// Takes changes over, all at once.
    ///
    /// - Returns: What they mean to the mesh; empty if they mean nothing.
    package mutating func apply(_ changes: some Sequence<ObjectChange>) -> MeshDifference {
        var touched = Touched()
        for change in changes { take(change, &touched) }
        var difference = MeshDifference()
        update(touched, &difference)
        return difference
    }
}

/// How many values were translated.
package struct TranslationWork: Hashable, Sendable {
    package var services = 0
    package var endpoints = 0
    package var workloads = 0
    package var configuration = 0

    package init() {}
}

/// What has to be translated again.
struct Touched {
    var hasSettings = false
    var pods: Set<ObjectKey> = []
    var services: Set<ObjectKey> = []
    /// Services whose endpoints may have changed.
    var endpoints: Set<ObjectKey> = []
    /// Of services, whoever defines them: they and their endpoints may have changed.
    var hosts: Set<ServiceKey> = []
    /// At which another workload may be.
    var addresses: Set<String> = []
    var hasServiceEntries = false
    var slices: Set<ObjectKey> = []
    var configuration: Set<ObjectReference> = []
    var keySets: Set<KeySetSource> = []

    static func everything(in objects: ClusterObjects) -> Touched {
        Touched(
            hasSettings: true, pods: Set(objects.pods.keys), services: Set(objects.services.keys), endpoints: [],
            slices: Set(objects.endpointSlices.keys), configuration: Set(objects.configuration.keys),
            keySets: Set(objects.keySets.keys))
    }
}
