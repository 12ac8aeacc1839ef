package import NIOCore
import NIOPosix

/// Connections to something in this Pod.
package enum LocalConnection {
    /// Connects, and sets the channel up.
    ///
    /// - Parameter source: The address to come from. Where the Pod has no such address the call comes from any.
    package static func open<Output: Sendable>(
        host: String, port: Int, source: String?, within limit: Duration,
        _ setUp: @escaping @Sendable (any Channel) -> EventLoopFuture<Output>
    ) async throws -> Output {
        let timeout = TimeAmount.nanoseconds(Int64(limit / .nanoseconds(1)))
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(timeout)
        guard let source, let address = try? SocketAddress(ipAddress: source, port: 0) else {
            return try await connect(bootstrap, host, port, setUp)
        }
        do {
            return try await connect(bootstrap.bind(to: address), host, port, setUp)
        } catch let error as IOError where error.errnoCode == EADDRNOTAVAIL || error.errnoCode == EINVAL {
            let plain = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(timeout)
            return try await connect(plain, host, port, setUp)
        }
    }

    private static func connect<Output: Sendable>(
        _ bootstrap: ClientBootstrap, _ host: String, _ port: Int,
        _ setUp: @escaping @Sendable (any Channel) -> EventLoopFuture<Output>
    ) async throws -> Output {
        if let address = try? SocketAddress(ipAddress: host, port: port) {
            return try await bootstrap.connect(to: address, channelInitializer: setUp)
        }
        return try await bootstrap.connect(host: host, port: port, channelInitializer: setUp)
    }
}
