import DiscoveryAPI
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import NIOCore
import NIOPosix
import ServiceLifecycle

/// What the server's workload does with connections, requests and calls.
enum CountedApplications {
    /// Sends back what comes.
    static func echo(on port: Int) async throws -> any Channel {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { $0.pipeline.addHandler(EchoHandler()) }
            .bind(host: "127.0.0.1", port: port).get()
    }

    /// Answers requests without a body with 15 bytes.
    static func web(on port: Int) async throws -> any Channel {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AnsweringHandler())
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
    }

    /// A client of `web` that asks again as soon as it is answered.
    static func ask(
        _ target: (host: String, port: Int), from host: String, times: Int
    ) async throws -> any Channel {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(to: try SocketAddress(ipAddress: host, port: 0))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AskingHandler(times: times))
                }
            }
            .connect(host: target.host, port: target.port).get()
    }

    fileprivate static let answer = "012345678901234"
}

private final class AskingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var times: Int
    private var answer = ""

    init(times: Int) { self.times = times }

    func channelActive(context: ChannelHandlerContext) { ask(context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        answer += String(buffer: unwrapInboundIn(data))
        guard answer.hasSuffix(CountedApplications.answer) else { return }
        answer = ""
        ask(context)
    }

    private func ask(_ context: ChannelHandlerContext) {
        guard times > 0 else { return }
        times -= 1
        let request = ByteBuffer(string: "GET / HTTP/1.1\r\nhost: web.default.svc.cluster.local\r\n\r\n")
        context.writeAndFlush(NIOAny(request), promise: nil)
    }
}

private final class EchoHandler: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(data, promise: nil)
    }
}

private final class AnsweringHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var request = ""

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        request += String(buffer: unwrapInboundIn(data))
        guard request.contains("\r\n\r\n") else { return }
        request = ""
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 15\r\n\r\n"
        context.writeAndFlush(NIOAny(ByteBuffer(string: head + CountedApplications.answer)), promise: nil)
    }
}

/// Calls of gRPC with many messages and one answer.
struct CallServer: Service, Envoy_Service_Accesslog_V3_AccessLogService.SimpleServiceProtocol {
    let port: Int

    func run() async throws {
        let server = GRPCServer(
            transport: .http2NIOPosix(
                address: .ipv4(host: "127.0.0.1", port: port), transportSecurity: .plaintext), services: [self])
        try await withGracefulShutdownHandler {
            try await server.serve()
        } onGracefulShutdown: {
            server.beginGracefulShutdown()
        }
    }

    func streamAccessLogs(
        request: RPCAsyncSequence<Envoy_Service_Accesslog_V3_StreamAccessLogsMessage, any Error>,
        context: ServerContext
    ) async throws -> Envoy_Service_Accesslog_V3_StreamAccessLogsResponse {
        for try await _ in request {}
        return Envoy_Service_Accesslog_V3_StreamAccessLogsResponse()
    }
}
