import ControllerRuntime
import KubernetesClient
import KubernetesModel
import Logging
import MeshTranslator
import Metrics

/// A kind of objects that the mesh is made of: where they are read, and what a change of one is called.
struct WatchedKind: Sendable {
    /// What it takes to watch.
    struct Context: Sendable {
        var client: KubernetesClient
        var inbox: ChangeInbox
        var logger: Logger
        /// Where they are read.
        var clusterID: String
        /// Nil for the control plane's own cluster.
        var cluster: ClusterGeneration?
    }

    /// A kind that is being watched.
    struct Observation: Sendable {
        /// Watches until cancelled.
        var run: @Sendable () async throws -> Void
        /// Waits for the first list.
        var waitUntilSynced: @Sendable () async -> Void
        /// Takes back all objects, as of a kind that is gone.
        var withdraw: @Sendable () -> Void
    }

    let resource: APIResource
    private let begin: @Sendable (Context) -> Observation

    func observe(_ context: Context) -> Observation { begin(context) }

    /// What it takes in another cluster.
    var need: RemoteNeed { .watching(resource) }

    /// A kind whose objects are read narrowly.
    ///
    /// - Parameters:
    ///   - isUrgent: Changes go without waiting for others: of all that moves while a mesh works.
    ///   - prepare: Takes away what is not looked at: an object that is equal afterwards has not changed.
    ///   - change: What it is called that an object is another one now, or (nil) gone.
    static func objects<Object: Hashable & Sendable>(
        _ resource: APIResource, _ reader: ObjectReader<Object>, in scope: ListScope = ListScope(),
        isUrgent: Bool = false, key: @escaping @Sendable (Object) -> ObjectKey,
        prepare: @escaping @Sendable (Object) -> Object = { $0 },
        change: @escaping @Sendable (ObjectKey, Object?) -> ObjectChange
    ) -> WatchedKind {
        WatchedKind(resource: resource) { context in
            let store = Store<Watched<Object>>()
            let inbox = context.inbox
            let errors = Counter(label: "controller_sync_errors_total", dimensions: [("cluster", context.clusterID)])
            @Sendable func tell(_ key: ObjectKey, _ object: Object?) {
                let changed = change(key, object)
                let reference = changed.subject ?? ObjectReference(resource.groupKind, key)
                guard let cluster = context.cluster else {
                    inbox.add(changed, of: reference, isUrgent: isUrgent)
                    return
                }
                cluster.memory.tell(
                    changed, removal: change(key, nil), isGone: object == nil, of: reference, isUrgent: isUrgent,
                    generation: cluster.number)
            }
            store.onChange { stored in
                switch stored {
                case .stored(let old, let new): if old?.object != new.object { tell(new.key, new.object) }
                case .removed(let old): tell(old.key, nil)
                }
            }
            let reflector = Reflector(
                resource,
                reader: reader.map { read in
                    Watched(key: key(read), object: prepare(read))
                }, in: scope, into: store, client: context.client, onFailure: { errors.increment() },
                logger: context.logger)
            return Observation(
                run: { try await reflector.run() }, waitUntilSynced: { await store.waitUntilSynced() },
                withdraw: { for watched in store.objects { tell(watched.key, nil) } })
        }
    }

    /// A kind whose objects are decoded straight from the server's bytes.
    static func objects<Object: KubernetesObject & Hashable>(
        _ type: Object.Type, _ resource: APIResource, in scope: ListScope = ListScope(), isUrgent: Bool = false,
        prepare: @escaping @Sendable (Object) -> Object,
        change: @escaping @Sendable (ObjectKey, Object?) -> ObjectChange
    ) -> WatchedKind {
        .objects(
            resource, .decodable(type), in: scope, isUrgent: isUrgent, key: \.metadata.key, prepare: prepare,
            change: change)
    }

    /// A kind that configures the mesh: whatever its objects say, they are read.
    static func configuration(_ resource: APIResource) -> WatchedKind {
        .objects(resource, .json { ConfigurationObject($0) }, key: \.key) { key, object in
            .configuration(ObjectReference(resource.groupKind, key), object)
        }
    }
}

extension ObjectChange {
    /// What it is about, where that is not an object as a whole.
    fileprivate var subject: ObjectReference? {
        guard case .meshNetworks = self else { return nil }
        return ObjectReference(
            GroupKind(group: "", kind: "MeshNetworks"), ObjectKey(namespace: "", name: "meshNetworks"))
    }
}

/// What is kept of an object.
private struct Watched<Object: Sendable>: Keyed {
    var key: ObjectKey
    var object: Object
}
