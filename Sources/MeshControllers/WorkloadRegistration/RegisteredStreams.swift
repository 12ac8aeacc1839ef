import KubernetesModel
import Synchronization

/// The streams of one replica whose proxies WorkloadEntries stand for.
final class RegisteredStreams: Sendable {
    /// One stream.
    struct Stream: Hashable, Sendable {
        var id: String
        var proxy: RegisteringProxy
        /// RFC 3339.
        var connectedAt: String
        var health = Health.unknown
    }

    /// What the agent has said last on a stream.
    enum Health: Hashable, Sendable {
        case unknown
        case well
        case ill(String)
    }

    private struct State {
        /// By entry, the newest last.
        var streams: [ObjectKey: [Stream]] = [:]
        var keys: [String: ObjectKey] = [:]
    }

    private let state = Mutex(State())

    /// The newest stream of an entry's proxy.
    func newest(_ key: ObjectKey) -> Stream? { state.withLock { $0.streams[key]?.last } }

    /// The entries whose proxies are here.
    var entries: [ObjectKey] { state.withLock { Array($0.streams.keys) } }

    /// The entries that proxies here are to get from a WorkloadGroup.
    func entries(ofGroup group: ObjectKey) -> [ObjectKey] {
        state.withLock { state in
            state.streams.filter { key, streams in
                key.namespace == group.namespace && streams.last?.proxy.group == group.name
            }.map(\.key)
        }
    }

    func add(_ stream: Stream) {
        state.withLock { state in
            state.streams[stream.proxy.key, default: []].append(stream)
            state.keys[stream.id] = stream.proxy.key
        }
    }

    /// - Returns: The stream's entry; nil if no entry stands for it.
    func note(_ health: Health, of id: String) -> ObjectKey? {
        state.withLock { state in
            guard let key = state.keys[id],
                let index = state.streams[key]?.firstIndex(where: { $0.id == id })
            else { return nil }
            state.streams[key]?[index].health = health
            return key
        }
    }

    /// - Returns: The stream's entry; nil if no entry stands for it.
    func remove(_ id: String) -> ObjectKey? {
        state.withLock { state in
            guard let key = state.keys.removeValue(forKey: id) else { return nil }
            state.streams[key]?.removeAll { $0.id == id }
            if state.streams[key]?.isEmpty ?? false { state.streams[key] = nil }
            return key
        }
    }
}
