import GRPCCore
import Logging
import NIOCore
import NIOSSL
import SwiftASN1
import Synchronization
import X509

/// The TCP connections of a server: counts them, and closes those that gRPC would keep.
///
/// gRPC waits until the end of a call is written, and its keepalive ends no connection whose client does not read. What
/// such a client was to be sent would be kept as long as its connection.
final class TransportConnections: Sendable {
    private struct Entry {
        var channel: any Channel
        /// HTTP/2 streams that are open.
        var streams = 0
        var hadStream = false
        /// Calls that are served; a stream without one waits to be written.
        var calls = 0
    }

    private let limit: Int
    private let firstStreamTimeout: Duration
    private let logger: Logger
    private let entries = Mutex<[String: Entry]>([:])

    init(limit: Int, firstStreamTimeout: Duration, logger: Logger) {
        self.limit = limit
        self.firstStreamTimeout = firstStreamTimeout
        self.logger = logger
    }

    var count: Int { entries.withLock { $0.count } }

    /// A connection was accepted; one beyond the limit is closed.
    func accept(_ channel: any Channel) {
        guard let key = Self.key(channel) else { return }
        let isAdmitted = entries.withLock { entries in
            guard entries.count < limit else { return false }
            entries[key] = Entry(channel: channel)
            return true
        }
        guard isAdmitted else {
            logger.warning("Too many connections, one more is closed", metadata: ["limit": "\(limit)"])
            // Not here: failing to set up a connection would end the listener.
            channel.eventLoop.execute { channel.close(promise: nil) }
            return
        }
        let timeout = channel.eventLoop.scheduleTask(in: TimeAmount(firstStreamTimeout)) {
            if !self.entries.withLock({ $0[key]?.hadStream ?? true }) { channel.close(promise: nil) }
        }
        channel.closeFuture.whenComplete { _ in
            timeout.cancel()
            self.entries.withLock { _ = $0.removeValue(forKey: key) }
        }
    }

    /// A stream was opened on a connection.
    func acceptStream(_ stream: any Channel) {
        guard let key = stream.parent.flatMap(Self.key) else { return }
        change(key) {
            $0.streams += 1
            $0.hadStream = true
        }
        stream.closeFuture.whenComplete { _ in self.change(key) { $0.streams -= 1 } }
    }

    /// What is known of the connection of a call. A certificate that cannot be read is none.
    func peer(of context: ServerContext) async -> PeerConnection {
        let channel = entries.withLock { $0[Self.key(context)]?.channel }
        let presented = try? await channel?.nioSSL_peerCertificate().get()
        let certificate = presented.flatMap { try? Certificate(derEncoded: $0.toDERBytes()) }
        return PeerConnection(address: context.remotePeer, certificate: certificate)
    }

    func callBegan(_ context: ServerContext) { change(Self.key(context)) { $0.calls += 1 } }

    func callEnded(_ context: ServerContext) { change(Self.key(context)) { $0.calls -= 1 } }

    /// Closes the connection of a call that ended, if its end could not be written after so long.
    func closeIfStuck(
        _ context: ServerContext, after grace: Duration, report: @escaping @Sendable (_ connection: String) -> Void
    ) {
        let key = Self.key(context)
        guard let channel = entries.withLock({ $0[key]?.channel }) else { return }
        channel.eventLoop.scheduleTask(in: TimeAmount(grace)) {
            guard self.entries.withLock({ $0[key].map { $0.streams > $0.calls } ?? false }) else { return }
            report(key)
            channel.close(promise: nil)
        }
    }

    /// Lets a connection end: no new streams, and those that are open are drained.
    func retire(_ context: ServerContext) {
        guard let channel = entries.withLock({ $0[Self.key(context)]?.channel }) else { return }
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }

    /// Closes all connections.
    func closeAll() {
        for channel in entries.withLock({ $0.values.map(\.channel) }) { channel.close(promise: nil) }
    }

    private func change(_ key: String, _ change: (inout Entry) -> Void) {
        entries.withLock { entries in
            guard var entry = entries[key] else { return }
            change(&entry)
            entries[key] = entry
        }
    }

    /// The two ends as gRPC writes them. Nil: they do not tell connections apart.
    private static func key(_ channel: any Channel) -> String? {
        guard let remote = channel.remoteAddress.flatMap(name), let local = channel.localAddress.flatMap(name) else {
            return nil
        }
        return "\(remote) \(local)"
    }

    private static func key(_ context: ServerContext) -> String { "\(context.remotePeer) \(context.localPeer)" }

    private static func name(_ address: SocketAddress) -> String? {
        switch address {
        case .v4(let inner): address.port.map { "ipv4:\(inner.host):\($0)" }
        case .v6(let inner): address.port.map { "ipv6:[\(inner.host)]:\($0)" }
        case .unixDomainSocket: nil
        }
    }
}
