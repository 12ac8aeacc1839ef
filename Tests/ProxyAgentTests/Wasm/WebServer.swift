import EnvoyTesting
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A server on the loopback that answers as it is told, and remembers what it was asked.
final class WebServer: Sendable {
    struct Request: Sendable {
        var path: String
        var headers: [String: String]
    }

    struct Answer: Sendable {
        var status = 200
        var headers: [(String, String)] = []
        var body: [UInt8] = []
        /// Nothing is answered before this ends.
        var after: (@Sendable () async -> Void)?
    }

    private struct State {
        var requests: [Request] = []
        var port = 0
    }

    private let answers: @Sendable (Request, Int) -> Answer
    private let state = Mutex(State())

    private init(_ answers: @escaping @Sendable (Request, Int) -> Answer) { self.answers = answers }

    /// Serves for the time of `body`.
    ///
    /// - Parameters:
    ///   - identity: Nil: no TLS.
    ///   - answers: Told the request, and how often its path was asked for before.
    static func with<Result>(
        identity: TestAuthority.Identity? = nil,
        _ answers: @escaping @Sendable (Request, Int) -> Answer, _ body: (WebServer) async throws -> Result
    ) async throws -> Result {
        let server = WebServer(answers)
        let context = try identity.map { identity in
            try NIOSSLContext(
                configuration: .makeServerConfiguration(
                    certificateChain: NIOSSLCertificate.fromPEMBytes(Array(identity.certificate.utf8))
                        .map { .certificate($0) },
                    privateKey: .privateKey(.init(bytes: Array(identity.privateKey.utf8), format: .pem))))
        }
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let context { try pipeline.addHandler(NIOSSLServerHandler(context: context)) }
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(Handler { server.answer($0) })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        server.state.withLock { $0.port = port }
        do {
            let result = try await body(server)
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    var port: Int { state.withLock { $0.port } }
    var requests: [Request] { state.withLock { $0.requests } }
    /// Paths, in the order in which they were asked for.
    var paths: [String] { requests.map(\.path) }

    private func answer(_ request: Request) -> Answer {
        let before = state.withLock { state in
            defer { state.requests.append(request) }
            return state.requests.count { $0.path == request.path }
        }
        return answers(request, before)
    }
}

private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: @Sendable (WebServer.Request) -> WebServer.Answer

    init(_ answer: @escaping @Sendable (WebServer.Request) -> WebServer.Answer) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        let headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { $1 }
        let answer = answer(WebServer.Request(path: head.uri, headers: headers))
        let channel = context.channel
        Task {
            await answer.after?()
            var headers = HTTPHeaders(answer.headers)
            headers.replaceOrAdd(name: "Content-Length", value: "\(answer.body.count)")
            let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status), headers: headers)
            channel.write(HTTPServerResponsePart.head(head), promise: nil)
            channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: answer.body))), promise: nil)
            channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
        }
    }
}
