import GRPCCore
import Synchronization
package import XDSServer

/// One connected client, for `/debug/syncz`.
package struct DiscoveryConnection: Sendable {
    /// Where it connects from.
    package var peer: String
    /// What it has proven.
    package var identity: PeerIdentity
    /// What it says about itself, once it did.
    package var node: NodeIdentity?
    /// It follows resources; others only ask questions.
    package var isProxy: Bool
    package var connectedFor: Duration
    /// What it holds of each type, and what it refused.
    package var status: StreamStatus
    /// What became of the responses.
    package var counters: [TypeURL: SubscriptionCounters]
    /// The versions it acknowledged by name, of the types that were asked for.
    package var held: [TypeURL: [String: ResourceVersion]]
}

/// All streams of a server.
package final class DiscoveryStreams: Sendable {
    private struct State {
        var streams: [ObjectIdentifier: DiscoveryStream] = [:]
        var isDraining = false
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    /// How many there are.
    package var count: Int { state.withLock { $0.streams.count } }

    /// All clients, the longest connected first.
    ///
    /// - Parameter types: Of these the versions of single resources are told too: of endpoints, one a service.
    package func connections(versionsOf types: [TypeURL] = []) -> [DiscoveryConnection] {
        let streams = state.withLock { Array($0.streams.values) }
        let now = ContinuousClock.now
        return streams.sorted { $0.opened < $1.opened }.map { stream in
            stream.read { state in
                DiscoveryConnection(
                    peer: stream.peer, identity: stream.identity, node: state.node, isProxy: state.isProxy,
                    connectedFor: now - stream.opened, status: state.machine.status,
                    counters: state.machine.counters,
                    held: Dictionary(
                        types.map { type in
                            let versions = state.machine.heldVersions(of: type).map { ($0.name, $0.version) }
                            return (type, Dictionary(versions) { $1 })
                        }
                    ) { $1 })
            }
        }
    }

    /// Hands all clients over: no new ones, and the others end when their answers are in.
    package func drain() {
        let streams = state.withLock { state in
            state.isDraining = true
            return Array(state.streams.values)
        }
        for stream in streams { stream.drain() }
    }

    /// Hands one client over: it ends when its answers are in.
    ///
    /// - Parameter id: Of its stream.
    /// - Returns: Whether it is there.
    package func drain(_ id: String) -> Bool {
        let streams = state.withLock { Array($0.streams.values) }
        guard let stream = streams.first(where: { $0.read { $0.machine.status.id } == id }) else { return false }
        stream.drain()
        return true
    }

    func add(_ stream: DiscoveryStream) throws(RPCError) {
        let refusal: RPCError? = state.withLock { state in
            if state.isDraining {
                return RPCError(code: .unavailable, message: "the server goes away: connect again")
            }
            if state.streams.count >= limit {
                return RPCError(
                    code: .resourceExhausted,
                    message: "\(limit) streams are open, and no more are served: connect to another replica")
            }
            state.streams[ObjectIdentifier(stream)] = stream
            return nil
        }
        if let refusal { throw refusal }
    }

    func remove(_ stream: DiscoveryStream) {
        _ = state.withLock { $0.streams.removeValue(forKey: ObjectIdentifier(stream)) }
    }
}
