import EnvoyTesting
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A server on the loopback that answers as it is told, and remembers what it was asked.
final class WebServer: Sendable {
    struct Request: Sendable {
        var method = "GET"
        var path: String
        var headers: [String: String]
        var body: [UInt8] = []
    }

    struct Answer: Sendable {
        var status = 200
        var headers: [(String, String)] = []
        var body: [UInt8] = []
        /// Nothing is answered before this ends.
        var after: (@Sendable () async -> Void)?
        /// Between each byte of the body and the next.
        var pause: Duration?
    }

    private struct State {
        var requests: [Request] = []
        var port = 0
        /// Connections that were closed.
        var closed = 0
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
                    try pipeline.addHandler(Handler(server))
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
    /// How many connections were closed.
    var closed: Int { state.withLock { $0.closed } }
    /// Paths, in the order in which they were asked for.
    var paths: [String] { requests.map(\.path) }

    fileprivate func close() { state.withLock { $0.closed += 1 } }

    fileprivate func answer(_ request: Request) -> Answer {
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

    private let server: WebServer
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(_ server: WebServer) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): (self.head, body) = (head, [])
        case .body(let part): body += Array(part.readableBytesView)
        case .end: if let head { answer(head, context.channel) }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        server.close()
        context.fireChannelInactive()
    }

    private func answer(_ head: HTTPRequestHead, _ channel: any Channel) {
        let headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { $1 }
        let answer = server.answer(
            WebServer.Request(method: head.method.rawValue, path: head.uri, headers: headers, body: body))
        Task {
            await answer.after?()
            var headers = HTTPHeaders(answer.headers)
            headers.replaceOrAdd(name: "Content-Length", value: "\(answer.body.count)")
            let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status), headers: headers)
            channel.write(HTTPServerResponsePart.head(head), promise: nil)
            if let pause = answer.pause {
                for byte in answer.body {
                    let part = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: [byte])))
                    guard (try? await channel.writeAndFlush(part)) != nil else { return }
                    try? await Task.sleep(for: pause)
                }
            } else {
                channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: answer.body))), promise: nil)
            }
            channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
        }
    }
}
