import ControllerRuntime
import KubernetesModel
import MeshTranslator
import Testing

@testable import ControlPlane
@testable import MeshObservation

/// A kind whose list is told when the test says so.
private final class FakeKind: Sendable {
    let resource: APIResource
    private let objects: [ObjectChange]
    private let generation: ClusterGeneration
    private let synced = OneTime()
    private let begun = OneTime()

    init(_ resource: APIResource, _ objects: [ObjectChange], _ generation: ClusterGeneration) {
        self.resource = resource
        self.objects = objects
        self.generation = generation
    }

    var kind: RemoteWatch.Kind {
        RemoteWatch.Kind(
            groupKind: resource.groupKind, need: .watching(resource),
            observation: WatchedKind.Observation(
                run: {
                    self.begun.happen()
                    await OneTime().wait()
                }, waitUntilSynced: { await self.synced.wait() }, withdraw: {}))
    }

    /// Its first list is in, once somebody watches.
    func list() async {
        await begun.wait()
        for change in objects { generation.tell(change) }
        synced.happen()
    }
}

extension ClusterGeneration {
    /// A Service or a node that is there.
    fileprivate func tell(_ change: ObjectChange) {
        switch change {
        case .service(let key, _):
            let reference = ObjectReference(APIResource.services.groupKind, key)
            memory.tell(
                change, removal: .service(key, nil), isGone: false, of: reference, isUrgent: false, generation: number)
        case .node(let name, _):
            let reference = ObjectReference(APIResource.nodes.groupKind, ObjectKey(name: name))
            memory.tell(
                change, removal: .node(name, nil), isGone: false, of: reference, isUrgent: false, generation: number)
        default: Issue.record("\(change) is not looked at here")
        }
    }
}

@Suite("Watching another cluster with other credentials", .timeLimit(.minutes(2))) struct RemoteWatchTests {
    private let inbox = ChangeInbox()
    private let rights = FakeRights()
    private let memory: ClusterMemory

    init() { memory = ClusterMemory(clusterID: "c", inbox: inbox) }

    private static let kept = ObjectKey(namespace: "n", name: "kept")
    private static let gone = ObjectKey(namespace: "n", name: "gone")

    private static func service(_ key: ObjectKey) throws -> ObjectChange {
        let json: JSONValue = ["metadata": ["namespace": .string(key.namespace), "name": .string(key.name)]]
        return .service(key, try JSONValueDecoder().decode(ServiceObject.self, from: json))
    }

    private static func node(_ name: String) throws -> ObjectChange {
        let json: JSONValue = ["metadata": ["name": .string(name)]]
        return .node(name, try JSONValueDecoder().decode(NodeObject.self, from: json))
    }

    private func allow(_ resource: APIResource) {
        for right in RemoteNeed.watching(resource).rights.flatMap(\.self) { rights.grant(right) }
    }

    /// What was taken back since the last time.
    private func removals() -> Set<ObjectChange> {
        Set(
            inbox.takeAll().filter {
                switch $0 {
                case .remote("c", .service(_, nil)?), .remote("c", .node(_, nil)?): true
                default: false
                }
            })
    }

    /// Waits until something is taken back.
    private func nextRemovals() async -> Set<ObjectChange> {
        while !Task.isCancelled {
            let removals = removals()
            if !removals.isEmpty { return removals }
            await Task.yield()
        }
        return []
    }

    /// Runs watchers after others that saw two Services and a node.
    private func watch(
        _ body: (_ services: FakeKind, _ nodes: FakeKind, _ states: AsyncStream<ClusterStatus.State>) async throws ->
            Void
    ) async throws {
        let before = ClusterGeneration(number: 1, memory: memory)
        for change in [try Self.service(Self.kept), try Self.service(Self.gone), try Self.node("gone")] {
            before.tell(change)
        }
        _ = inbox.takeAll()
        let generation = ClusterGeneration(number: 2, memory: memory)
        let services = FakeKind(.services, [try Self.service(Self.kept)], generation)
        let nodes = FakeKind(.nodes, [], generation)
        let permissions = RemotePermissions(rights, interval: .milliseconds(5), logger: Levels().logger)
        let watch = RemoteWatch(kinds: [services.kind, nodes.kind], permissions: permissions, generation: generation)
        let (states, state) = AsyncStream.makeStream(of: ClusterStatus.State.self)
        let task = Task { await watch.run { state.yield($0) } }
        defer { task.cancel() }
        try await body(services, nodes, states)
        task.cancel()
        await task.value
        #expect(removals() == [])
    }

    @Test func whatIsDeniedCountsOn() async throws {
        allow(.nodes)
        try await watch { services, nodes, states in
            var states = states.makeAsyncIterator()
            var state: ClusterStatus.State?
            await nodes.list()
            state = await states.next()
            #expect(state == .synced)
            #expect(removals() == [.remote(clusterID: "c", .node("gone", nil))])
            allow(.services)
            await services.list()
            #expect(await nextRemovals() == [.remote(clusterID: "c", .service(Self.gone, nil))])
        }
    }

    /// An account that may do nothing yet takes nothing away, and nobody waits for it.
    @Test func anAccountWithoutRightsTakesNothingAway() async throws {
        try await watch { services, nodes, states in
            var states = states.makeAsyncIterator()
            var state: ClusterStatus.State?
            state = await states.next()
            #expect(state == .failing("the account may watch nothing there"))
            #expect(removals() == [])
            allow(.services)
            await services.list()
            state = await states.next()
            #expect(state == .synced)
            #expect(removals() == [.remote(clusterID: "c", .service(Self.gone, nil))])
            allow(.nodes)
            await nodes.list()
            #expect(await nextRemovals() == [.remote(clusterID: "c", .node("gone", nil))])
        }
    }

    @Test func aKindCountsOnceItsOwnListIsIn() async throws {
        allow(.services)
        allow(.nodes)
        try await watch { services, nodes, states in
            var states = states.makeAsyncIterator()
            var state: ClusterStatus.State?
            await services.list()
            #expect(await nextRemovals() == [.remote(clusterID: "c", .service(Self.gone, nil))])
            await nodes.list()
            state = await states.next()
            #expect(state == .synced)
            #expect(removals() == [.remote(clusterID: "c", .node("gone", nil))])
        }
    }
}
