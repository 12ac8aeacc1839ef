package import KubernetesModel
import Synchronization

/// An object that a store can hold.
package protocol Keyed: Sendable {
    var key: ObjectKey { get }
}

extension KubernetesObject {
    package var key: ObjectKey { metadata.key }
}

/// What happened to one object of a store.
package enum StoreChange<Object: Sendable>: Sendable {
    /// It is new (`old` is nil) or another one now.
    case stored(old: Object?, new: Object)
    case removed(Object)
}

/// The objects of one kind as last seen, kept by a reflector, read by everyone.
package final class Store<Object: Keyed>: Sendable {
    private struct Content {
        var objects: [ObjectKey: Object] = [:]
        var missingLists: Int
        var syncWaiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter: UInt64 = 0
        var handlers: [@Sendable (StoreChange<Object>) -> Void] = []
    }

    private let content: Mutex<Content>
    /// Held while something changes and the handlers hear of it, so that they hear of changes in their order.
    private let delivery = Mutex(())

    /// - Parameter reflectors: How many reflectors fill it, each with objects of another namespace.
    package init(reflectors: Int = 1) { content = Mutex(Content(missingLists: reflectors)) }

    /// Whether every reflector's first list is in.
    package var isSynced: Bool { content.withLock { $0.missingLists <= 0 } }

    /// Calls `handler` for every object that is in the store and for every later change, in order, one at a time.
    ///
    /// Handlers run on the reflector's task: they only name work (add a key to a queue). They may read the store, not
    /// change it.
    package func onChange(_ handler: @escaping @Sendable (StoreChange<Object>) -> Void) {
        delivery.withLock { _ in
            let present = content.withLock { content in
                content.handlers.append(handler)
                return Array(content.objects.values)
            }
            for object in present { handler(.stored(old: nil, new: object)) }
        }
    }

    package subscript(_ key: ObjectKey) -> Object? { content.withLock { $0.objects[key] } }

    /// All objects, in no order.
    package var objects: [Object] { content.withLock { Array($0.objects.values) } }

    /// Waits for the first list; returns early when the caller's task is cancelled.
    package func waitUntilSynced() async {
        let id = content.withLock { content in
            content.nextWaiter += 1
            return content.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = content.withLock { content in
                    if content.missingLists <= 0 || Task.isCancelled { return true }
                    content.syncWaiters[id] = continuation
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            content.withLock { $0.syncWaiters.removeValue(forKey: id) }?.resume()
        }
    }

    /// Puts one object in, as a watch saw it.
    package func store(_ object: Object) {
        change { objects in [.stored(old: objects.updateValue(object, forKey: object.key), new: object)] }
    }

    /// Takes one object out.
    package func remove(_ key: ObjectKey) {
        change { objects in objects.removeValue(forKey: key).map { [.removed($0)] } ?? [] }
    }

    /// Makes the store hold exactly `objects` of a namespace, as a list saw them, in one step for readers.
    ///
    /// - Parameters:
    ///   - namespace: What was listed; empty for everything.
    ///   - isFirst: Whether this is a reflector's first list, after which it counts as synced.
    package func replace(with objects: [Object], in namespace: String = "", isFirst: Bool = true) {
        let keys = Set(objects.map(\.key))
        change { current in
            let gone = current.keys.filter {
                !keys.contains($0) && (namespace.isEmpty || $0.namespace == namespace)
            }
            let removals = gone.compactMap { current.removeValue(forKey: $0).map(StoreChange.removed) }
            return removals
                + objects.map { .stored(old: current.updateValue($0, forKey: $0.key), new: $0) }
        }
        if isFirst { countFirstList() }
    }

    private func countFirstList() {
        let waiters = content.withLock { content -> [CheckedContinuation<Void, Never>] in
            content.missingLists -= 1
            guard content.missingLists <= 0 else { return [] }
            defer { content.syncWaiters = [:] }
            return Array(content.syncWaiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    private func change(_ body: (inout [ObjectKey: Object]) -> [StoreChange<Object>]) {
        delivery.withLock { _ in
            let (changes, handlers) = content.withLock { (body(&$0.objects), $0.handlers) }
            for change in changes {
                for handler in handlers { handler(change) }
            }
        }
    }
}
