import ControllerRuntime
import KubernetesModel
import Synchronization
import Testing

struct Thing: Keyed, Hashable {
    var key: ObjectKey
    var version: Int

    init(_ name: String, in namespace: String = "n", version: Int = 1) {
        key = ObjectKey(namespace: namespace, name: name)
        self.version = version
    }
}

@Suite struct StoreTests {
    @Test func holdsWhatItWasGiven() {
        let store = Store<Thing>()
        store.store(Thing("a"))
        store.store(Thing("b"))
        store.store(Thing("a", version: 2))
        store.remove(ObjectKey(namespace: "n", name: "b"))
        store.remove(ObjectKey(namespace: "n", name: "never"))
        #expect(store.objects == [Thing("a", version: 2)])
        #expect(store[ObjectKey(namespace: "n", name: "a")]?.version == 2)
        #expect(store[ObjectKey(namespace: "n", name: "b")] == nil)
        #expect(!store.isSynced)
    }

    @Test func replacesOnlyTheNamespaceThatWasListed() {
        let store = Store<Thing>(reflectors: 2)
        store.replace(with: [Thing("a", in: "x"), Thing("b", in: "x")], in: "x")
        #expect(!store.isSynced)
        store.replace(with: [Thing("a", in: "y")], in: "y")
        #expect(store.isSynced)
        store.replace(with: [Thing("b", in: "x", version: 2)], in: "x", isFirst: false)
        #expect(Set(store.objects) == [Thing("b", in: "x", version: 2), Thing("a", in: "y")])
        store.replace(with: [], isFirst: false)
        #expect(store.objects.isEmpty)
        #expect(store.isSynced)
    }

    @Test func tellsWhatChanged() {
        let store = Store<Thing>()
        store.store(Thing("before"))
        let heard = Mutex<[String]>([])
        store.onChange { change in
            heard.withLock { heard in
                switch change {
                case .stored(let old, let new):
                    heard.append("\(new.key.name) \(old.map { "\($0.version)" } ?? "new") -> \(new.version)")
                case .removed(let old): heard.append("\(old.key.name) gone")
                }
            }
        }
        store.store(Thing("a"))
        store.store(Thing("a", version: 2))
        store.remove(ObjectKey(namespace: "n", name: "a"))
        store.remove(ObjectKey(namespace: "n", name: "a"))
        store.replace(with: [Thing("b")])
        #expect(
            heard.withLock { $0 } == [
                "before new -> 1", "a new -> 1", "a 1 -> 2", "a gone", "before gone", "b new -> 1",
            ])
    }

    /// What a handler is told, it also finds.
    @Test func isReadByItsHandlers() {
        let store = Store<Thing>()
        let found = Mutex<[Int]>([])
        store.onChange { [weak store] _ in found.withLock { $0.append(store?.objects.count ?? -1) } }
        store.store(Thing("a"))
        store.replace(with: [Thing("a"), Thing("b")])
        store.remove(ObjectKey(namespace: "n", name: "a"))
        #expect(found.withLock { $0 } == [1, 2, 2, 1])
    }

    /// Readers see one list or the other, nothing between.
    @Test func isReplacedInOneStep() async {
        let store = Store<Thing>()
        let things = { @Sendable (version: Int) in
            (0..<200).map { Thing("\(version % 2)-\($0)", version: version) }
        }
        store.replace(with: things(0))
        let writer = Task { for version in 1...200 { store.replace(with: things(version), isFirst: false) } }
        var seen: [Thing] = []
        while seen.first?.version != 200 {
            seen = store.objects
            #expect(seen.count == 200 && Set(seen.map(\.version)).count == 1)
            await Task.yield()
        }
        await writer.value
    }

    /// A handler that comes in the middle hears the present first and then every change, in order.
    @Test func tellsALateHandlerInOrder() async {
        for _ in 0..<50 {
            let store = Store<Thing>()
            let writer = Task { for version in 1...100 { store.store(Thing("a", version: version)) } }
            let (heard, continuation) = AsyncStream<Int>.makeStream()
            store.onChange { change in
                if case .stored(_, let new) = change { continuation.yield(new.version) }
            }
            await writer.value
            continuation.finish()
            let versions = await heard.reduce(into: [Int]()) { $0.append($1) }
            #expect(versions == Array((versions.first ?? 101)..<101))
        }
    }
}
