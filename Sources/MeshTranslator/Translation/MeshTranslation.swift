import Dataflow
package import KubernetesModel
package import MeshModel

/// A cluster's objects, the mesh they make, and what is wrong about them; kept up to date change by change.
///
/// ```
///   changes ─► Touched ─► workloads ─► services ─► endpoints ─► snapshot, MeshDifference
/// ```
/// What a change touches is retranslated by the same functions that translate everything at the start, so that the
/// order and the grouping of changes leave no trace. What it touches is known from what each translation looked at
/// (`Dataflow`).
package struct MeshTranslation: Sendable {
    package internal(set) var objects: ClusterObjects
    package internal(set) var snapshot: MeshSnapshot
    /// By the object at fault.
    package var diagnostics: [ObjectReference: [Diagnostic]] {
        let alone = related.isEmpty ? found : found.merging(related) { $0 + $1 }
        return conflicts.diagnostics.isEmpty ? alone : alone.merging(conflicts.diagnostics) { $0 + $1 }
    }
    /// How many values were translated, ever.
    package internal(set) var work = TranslationWork()

    /// What is wrong about objects by themselves.
    var found: [ObjectReference: [Diagnostic]] = [:]
    /// What is doubtful about objects beside others.
    var related: [ObjectReference: [Diagnostic]] = [:]
    /// What the control plane starts with, under what the ConfigMap says.
    let base: MeshSettings
    var directory = WorkloadDirectory()
    /// What Pods' workloads were made from.
    var workloadInputs = Dependencies<ObjectKey, MeshInput>()
    /// What the endpoints of services were made from.
    var endpointInputs = Dependencies<ServiceKey, MeshInput>()
    /// What objects of configuration were translated with.
    var configurationInputs = Dependencies<ObjectReference, MeshInput>()
    /// EndpointSlices by their Service.
    var slices = Index<ObjectKey, ObjectKey>()
    /// Other clusters, by id. Of each only services, endpoints and workloads count.
    var remotes: [String: MeshTranslation] = [:]
    /// Services that are gateways of networks.
    var networkGateways: Set<ObjectKey> = []
    /// Services as they are without each other.
    var plainServices = Derived<ObjectKey, MeshService, MeshInput>()
    /// Definitions of hosts that do not count beside others.
    var conflicts = HostConflicts()
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
        for (key, slice) in objects.endpointSlices {
            if let service = slice.service { slices.insert(key, at: service) }
        }
        var difference = MeshDifference()
        var touched = Touched.everything(in: objects)
        for (id, remote) in objects.remotes { touched.remotes[id] = remote.changes }
        self.objects.remotes = [:]
        update(touched, &difference)
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
    /// Services, whoever defines them, whose endpoints may have changed.
    var endpoints: Set<ServiceKey> = []
    /// Of services, whoever defines them: they and their endpoints may have changed.
    var hosts: Set<ServiceKey> = []
    /// At which another workload may be.
    var addresses: Set<String> = []
    var hasServiceEntries = false
    /// What changed in other clusters; nil: nothing is known of one any more.
    var remotes: [String: [ObjectChange?]] = [:]
    var hasGateways = false
    var slices: Set<ObjectKey> = []
    var configuration: Set<ObjectReference> = []
    var keySets: Set<KeySetSource> = []

    static func everything(in objects: ClusterObjects) -> Touched {
        Touched(
            hasSettings: true, pods: Set(objects.pods.keys), services: Set(objects.services.keys),
            slices: Set(objects.endpointSlices.keys), configuration: Set(objects.configuration.keys),
            keySets: Set(objects.keySets.keys))
    }
}
