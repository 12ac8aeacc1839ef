package import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

/// A small HTTP/1.1 server for probes, metrics and debugging; one object listens on one port.
///
/// ```
/// bind ─► accept ─┬─► connection ─ request ─► a task of run(): routes ─ reply ─► connection, again
///                 └─► above the limit: 503, closed
/// graceful shutdown: stop accepting, close idle connections, let requests under way finish (at most drainTime)
/// cancellation:      close everything at once
/// ```
///
/// All tasks belong to ``run()``: when it returns, nothing of the server is left.
package final class HTTPEndpoints: Service {
    private let host: String
    private let port: Int
    private let routes: HTTPRoutes
    private let limits: HTTPLimits
    private let security: HTTPConnectionSecurity?
    private let logger: Logger
    private let bound = OneShot<Int>()

    /// A server that is not listening yet; ``run()`` binds.
    ///
    /// - Parameters:
    ///   - host: The address to listen on; default all IPv4 addresses.
    ///   - port: The port; `0` takes a free one, see ``boundPort``.
    ///   - routes: What it answers.
    ///   - limits: What it grants.
    ///   - security: What stands between the port and HTTP; nil: nothing.
    ///   - logger: Says where it listens.
    package init(
        host: String = "0.0.0.0", port: Int, routes: HTTPRoutes, limits: HTTPLimits = HTTPLimits(),
        security: HTTPConnectionSecurity? = nil, logger: Logger = Logger(label: "http")
    ) {
        self.host = host
        self.port = port
        self.routes = routes
        self.limits = limits
        self.security = security
        self.logger = logger
    }

    /// The port it listens on, as soon as it does.
    ///
    /// - Throws: ``ListenError`` when it cannot, `CancellationError` when the waiting task is cancelled or the server
    ///   ended without listening.
    package var boundPort: Int {
        get async throws { try await bound.value }
    }

    /// Listens and serves until graceful shutdown or cancellation. To be called once.
    ///
    /// - Throws: ``ListenError``; `CancellationError` when cancelled.
    package func run() async throws {
        defer { bound.resolve(.failure(CancellationError())) }
        let connections = HTTPConnections(limit: limits.connections)
        let listener = try await listen(connections)
        listener.closeFuture.whenComplete { [logger] _ in
            if !connections.isDraining {
                logger.error("The listener ended by itself")
                connections.end()
            }
        }
        let port = listener.localAddress?.port ?? port
        bound.resolve(.success(port))
        logger.info("Listening for HTTP", metadata: ["host": "\(host)", "port": .stringConvertible(port)])

        do {
            try await serve(connections, from: listener)
            await close(connections, and: listener)
        } catch {
            await close(connections, and: listener)
            throw error
        }
    }

    private func serve(_ connections: HTTPConnections, from listener: any Channel) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.reply(to: connections) }
            group.addTask { [limits] in
                try await gracefulShutdown()
                connections.drain()
                listener.close(promise: nil)
                try await Task.sleep(for: limits.drainTime)
            }
            defer { group.cancelAll() }
            try await group.next()
        }
        try Task.checkCancellation()
    }

    /// Answers requests until the last connection is drained or the task is cancelled.
    private func reply(to connections: HTTPConnections) async {
        await withDiscardingTaskGroup { group in
            for await exchange in connections.requests {
                group.addTask { [routes] in
                    let reply = await routes.reply(to: exchange.request)
                    // Before the reply is written: right after it the connection's next request may come.
                    connections.finish(exchange)
                    // A cancelled handler's reply is not what was asked for: the connection is closed instead.
                    if !Task.isCancelled { exchange.channel.writeAndFlush(reply, promise: nil) }
                }
            }
        }
    }

    private func close(_ connections: HTTPConnections, and listener: any Channel) async {
        await connections.closeAll()
        try? await listener.close().get()
    }

    private func listen(_ connections: HTTPConnections) async throws -> any Channel {
        do {
            return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.backlog, value: 256)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { [limits, security] channel in
                    channel.eventLoop.makeCompletedFuture {
                        try Self.setUp(channel, of: connections, within: limits, security)
                    }
                }
                .bind(host: host, port: port).get()
        } catch {
            let failure = ListenError(host: host, port: port, reason: "\(error)")
            bound.resolve(.failure(failure))
            throw failure
        }
    }

    /// Makes a new connection speak HTTP, on its event loop.
    private static func setUp(
        _ channel: any Channel, of connections: HTTPConnections, within limits: HTTPLimits,
        _ security: HTTPConnectionSecurity?
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        if let refusal = connections.admit(channel) {
            try pipeline.addHandler(HTTPRefusalHandler(why: refusal))
            return
        }
        try security?.prepare(channel)
        var decoding = NIOHTTPDecoderLimitConfiguration()
        decoding.maxHeaderFieldSize = limits.headerBytes
        decoding.maxHeaderListSize = limits.headerBytes
        try pipeline.configureHTTPServerPipeline(
            withErrorHandling: false, withEncoderConfiguration: HTTPResponseEncoder.Configuration(),
            withDecoderLimitConfiguration: decoding)
        try pipeline.addHandler(
            HTTPConnectionHandler(limits: limits) { request in
                var request = request
                request.remoteAddress = channel.remoteAddress?.ipAddress
                request.isEncrypted = security?.isEncrypted(channel) ?? false
                connections.deliver(request, from: channel)
            })
    }
}

/// A server that cannot listen where it was told to.
package struct ListenError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The address.
    package var host: String
    /// The port.
    package var port: Int
    /// What the system said.
    package var reason: String

    /// One line: what was tried, what stopped it, what to do.
    package var description: String {
        "cannot listen on \(host):\(port): \(reason). Choose a free port or end the program that uses it."
    }
}
