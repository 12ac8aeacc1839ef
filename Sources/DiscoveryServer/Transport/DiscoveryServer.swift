import GRPCCore
package import GRPCNIOTransportHTTP2Posix
package import Logging
import NIOCore
import ServiceLifecycle
import XDSServer

/// One port that serves ADS, and what else belongs beside it.
///
/// ```
/// graceful shutdown: no new connections and streams (GOAWAY); streams end when their answers are in, or the drain
///                    timeout has passed; then connections that are left are closed
/// cancellation:      everything ends at once
/// ```
package final class DiscoveryServer: Service {
    package typealias Transport = HTTP2ServerTransport.Custom<DiscoveryListener>

    private let service: AggregatedDiscoveryService
    private let transport: Transport
    private let server: GRPCServer<Transport>
    private let logger: Logger

    /// A server that is not listening yet; ``run()`` binds.
    ///
    /// - Parameters:
    ///   - service: Serves the calls.
    ///   - address: Where to listen; port 0 takes a free one, see ``boundPort``.
    ///   - security: TLS or none; whether clients have to show a certificate is the context's to say.
    ///   - authenticator: Finds out who opens a stream.
    ///   - companions: Served beside it.
    ///   - logger: Says where it listens.
    package init(
        _ service: AggregatedDiscoveryService, address: GRPCNIOTransportHTTP2Posix.SocketAddress,
        security: DiscoverySecurity = .plaintext, authenticator: any PeerAuthenticator = AnyPeer(),
        companions: [any CompanionService] = [], logger: Logger = Logger(label: "ads")
    ) {
        self.service = service
        self.logger = logger
        transport = Transport(
            listenerFactory: DiscoveryListener(address: address, security: security),
            config: Self.configuration(service.limits, service.connections))
        var router = RPCRouter<Transport>()
        service.registerMethods(with: &router, authenticator: authenticator)
        for companion in companions {
            companion.registerMethods(with: &router, peers: CallPeers(connections: service.connections))
        }
        server = GRPCServer(transport: transport, router: router)
    }

    /// The port it listens on, as soon as it does; nil: a Unix socket.
    package var boundPort: Int? {
        get async throws {
            guard let address = await transport.listeningAddress else {
                throw RPCError(code: .unavailable, message: "the server does not listen: it has ended")
            }
            return address.ipv4?.port ?? address.ipv6?.port
        }
    }

    /// Listens and serves until graceful shutdown or cancellation. To be called once.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await self.server.serve()
                return true
            }
            group.addTask {
                let port = try await self.boundPort
                self.logger.info("Listening for xDS", metadata: ["port": "\(port.map(String.init) ?? "socket")"])
                return false
            }
            group.addTask {
                try await gracefulShutdown()
                await self.drain()
                return true
            }
            defer { group.cancelAll() }
            while let isOver = try await group.next() { if isOver { break } }
        }
    }

    /// Returns when clients had their time, unless the server ends before.
    private func drain() async {
        server.beginGracefulShutdown()
        service.streams.drain()
        // One second for what streams had to say at last.
        try? await Task.sleep(for: service.limits.stream.drainTimeout + .seconds(1))
        service.connections.closeAll()
    }

    private static func configuration(
        _ limits: DiscoveryLimits, _ connections: TransportConnections
    ) -> Transport.Config {
        var config = Transport.Config.defaults
        config.rpc.maxRequestPayloadSize = limits.requestBytes
        config.http2.maxConcurrentStreams = limits.streamsPerConnection
        config.connection.keepalive.time = limits.keepalive
        config.connection.keepalive.clientBehavior = .init(
            minPingIntervalWithoutCalls: limits.pingInterval, allowWithoutCalls: true)
        config.channelDebuggingCallbacks.onAcceptTCPConnection = { channel in
            connections.accept(channel)
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        config.channelDebuggingCallbacks.onAcceptHTTP2Stream = { channel in
            connections.acceptStream(channel)
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        return config
    }
}
