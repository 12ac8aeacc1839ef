import NIOCore
import Synchronization

/// The open connections of one server: how many there may be, and how they end.
///
/// A place is taken from the moment a connection is accepted until it is closed *and* the route handler that worked
/// for it has returned: clients that leave early cannot pile up handlers.
final class HTTPConnections: Sendable {
    /// A request on its way to a route handler.
    struct Exchange: Sendable {
        var connection: ObjectIdentifier
        var channel: any Channel
        var request: HTTPRequestView
    }

    private struct Place {
        var channel: any Channel
        var isOpen = true
        var isBusy = false
    }

    private struct State {
        var places: [ObjectIdentifier: Place] = [:]
        var isDraining = false

        var openChannels: [any Channel] { places.values.filter(\.isOpen).map(\.channel) }
    }

    private let limit: Int
    private let state = Mutex(State())
    private let inbox: AsyncStream<Exchange>.Continuation

    /// The requests, one per connection at a time; ends when ``drain()`` has seen the last connection go.
    let requests: AsyncStream<Exchange>

    init(limit: Int) {
        self.limit = limit
        // Each connection waits for its reply before it is read on, so that `limit` bounds the buffer.
        (requests, inbox) = AsyncStream.makeStream(of: Exchange.self, bufferingPolicy: .unbounded)
    }

    /// Takes a place for a new connection.
    ///
    /// - Returns: `nil`, or why there is none.
    func admit(_ channel: any Channel) -> String? {
        let id = ObjectIdentifier(channel)
        let refusal: String? = state.withLock { state in
            if state.isDraining { return "shutting down" }
            if state.places.count >= limit { return "too many connections" }
            state.places[id] = Place(channel: channel)
            return nil
        }
        if refusal == nil {
            channel.closeFuture.whenComplete { [self] _ in update(id) { $0.isOpen = false } }
        }
        return refusal
    }

    /// Hands a request of an admitted connection to the server's tasks.
    func deliver(_ request: HTTPRequestView, from channel: any Channel) {
        let id = ObjectIdentifier(channel)
        update(id) { $0.isBusy = true }
        inbox.yield(Exchange(connection: id, channel: channel, request: request))
    }

    /// Notes that the route handler has returned.
    func finish(_ exchange: Exchange) {
        update(exchange.connection) { $0.isBusy = false }
    }

    /// Admits nobody any more, closes idle connections, and lets the others finish their request.
    func drain() {
        let (open, isEmpty) = state.withLock { state in
            state.isDraining = true
            return (state.openChannels, state.places.isEmpty)
        }
        for channel in open { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        if isEmpty { inbox.finish() }
    }

    /// Whether the server is on its way out.
    var isDraining: Bool { state.withLock { $0.isDraining } }

    /// No more requests: the listener is gone.
    func end() { inbox.finish() }

    /// Closes every connection now and waits until they are.
    func closeAll() async {
        let open = state.withLock { state in
            state.isDraining = true
            return state.openChannels
        }
        for channel in open { try? await channel.close().get() }
        inbox.finish()
    }

    private func update(_ id: ObjectIdentifier, _ change: (inout Place) -> Void) {
        let isLast = state.withLock { state in
            guard var place = state.places[id] else { return false }
            change(&place)
            state.places[id] = place.isOpen || place.isBusy ? place : nil
            return state.isDraining && state.places.isEmpty
        }
        if isLast { inbox.finish() }
    }
}
