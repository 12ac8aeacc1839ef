import GRPCCore
package import GRPCNIOTransportHTTP2Posix
package import NIOCore
import NIOPosix
import NIOSSL

/// Accepts the connections of a port, and puts TLS in front of gRPC where there is to be some.
package struct DiscoveryListener: HTTP2ServerTransport.ListenerFactory {
    let address: GRPCNIOTransportHTTP2Posix.SocketAddress
    let security: DiscoverySecurity

    package var eventLoopGroup: any EventLoopGroup { MultiThreadedEventLoopGroup.singleton }

    package func makeListeningChannel(
        listenerConfigurator: HTTP2ServerTransport.ListenerConfigurator,
        connectionConfigurator: HTTP2ServerTransport.ConnectionConfigurator
    ) async throws -> NIOAsyncChannel<HTTP2ServerTransport.ConnectionConfigurator.ConnectionChannel, Never> {
        let bootstrap = ServerBootstrap(group: eventLoopGroup)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { listenerConfigurator.configure(channel: $0) }
        let setUp:
            @Sendable (any Channel) -> EventLoopFuture<HTTP2ServerTransport.ConnectionConfigurator.ConnectionChannel> =
                { [security] channel in
                    channel.eventLoop.makeCompletedFuture {
                        guard case .tls(let source) = security else { return }
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: source.context))
                    }.flatMap { connectionConfigurator.configure(channel: channel, tls: security.transport) }
                }
        if let socket = address.unixDomainSocket {
            return try await bootstrap.bind(
                unixDomainSocketPath: socket.path, cleanupExistingSocketFile: true, childChannelInitializer: setUp)
        }
        guard let (host, port) = address.ipv4.map({ ($0.host, $0.port) }) ?? address.ipv6.map({ ($0.host, $0.port) })
        else {
            throw RPCError(
                code: .invalidArgument, message: "cannot listen on \(address): give an IP address or a Unix socket")
        }
        return try await bootstrap.bind(host: host, port: port, childChannelInitializer: setUp)
    }
}

extension DiscoverySecurity {
    fileprivate var transport: HTTP2ServerTransport.ConnectionConfigurator.TLS {
        switch self {
        case .plaintext: .none
        case .tls: .configured(requireALPN: true)
        }
    }
}
