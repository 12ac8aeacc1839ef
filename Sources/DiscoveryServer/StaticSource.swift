import Synchronization
package import XDSServer

/// Gives all clients the same resources, from memory.
package final class StaticSource: SnapshotSource {
    private struct Follower {
        var updates: AsyncStream<ResourceCache>.Continuation
        var due = DuePush()
    }

    private struct State {
        var cache: ResourceCache
        var followers: [UInt64: Follower] = [:]
        var next: UInt64 = 0
    }

    private let state: Mutex<State>

    package init(_ cache: ResourceCache = ResourceCache()) { state = Mutex(State(cache: cache)) }

    /// How many streams follow.
    package var followers: Int { state.withLock { $0.followers.count } }

    package func subscribe(_ client: DiscoveryClient) -> SnapshotSubscription {
        let (updates, continuation) = AsyncStream.makeStream(
            of: ResourceCache.self, bufferingPolicy: .bufferingNewest(1))
        let follower = Follower(updates: continuation)
        let (number, cache) = state.withLock { state in
            state.next += 1
            state.followers[state.next] = follower
            return (state.next, state.cache)
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.followers.removeValue(forKey: number) }
        }
        return SnapshotSubscription(current: cache, updates: updates, due: follower.due)
    }

    /// Changes the resources, and tells all clients.
    package func update<Failure: Error>(
        _ change: (inout ResourceCache) throws(Failure) -> Void
    ) throws(Failure) {
        let changed = ContinuousClock.now
        let (cache, followers) = try state.withLock { state throws(Failure) in
            try change(&state.cache)
            return (state.cache, Array(state.followers.values))
        }
        for follower in followers {
            follower.due.note(DuePush.Moment(changed: changed, due: .now))
            follower.updates.yield(cache)
        }
    }
}
