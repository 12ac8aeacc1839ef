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
        var isSynced = false
        var syncWaiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter: UInt64 = 0
        var handlers: [@Sendable (StoreChange<Object>) -> Void] = []
    }

    private let content = Mutex(Content())

    package init() {}

    /// Whether the first list is in.
    package var isSynced: Bool { content.withLock { $0.isSynced } }

    /// Calls `handler` for every object that is in the store and for every later change, in order for one object.
    ///
    /// Handlers run on the reflector's task: they only name work (add a key to a queue).
    package func onChange(_ handler: @escaping @Sendable (StoreChange<Object>) -> Void) {
        let present = content.withLock { content in
            content.handlers.append(handler)
            return Array(content.objects.values)
        }
        for object in present { handler(.stored(old: nil, new: object)) }
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
                    if content.isSynced || Task.isCancelled { return true }
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
        let (old, handlers) = content.withLock { content in
            (content.objects.updateValue(object, forKey: object.key), content.handlers)
        }
        for handler in handlers { handler(.stored(old: old, new: object)) }
    }

    /// Takes one object out.
    package func remove(_ key: ObjectKey) {
        let (old, handlers) = content.withLock { ($0.objects.removeValue(forKey: key), $0.handlers) }
        guard let old else { return }
        for handler in handlers { handler(.removed(old)) }
    }

    /// Makes the store hold exactly `objects`, as a list saw them, and counts as synced.
    package func replace(with objects: [Object]) {
        let keys = Set(objects.map(\.key))
        let gone = content.withLock { $0.objects.keys.filter { !keys.contains($0) } }
        for key in gone { remove(key) }
        for object in objects { store(object) }
        let waiters = content.withLock { content in
            content.isSynced = true
            defer { content.syncWaiters = [:] }
            return content.syncWaiters.values.map { $0 }
        }
        for waiter in waiters { waiter.resume() }
    }
}
