import NIOCore
import NIOHTTP1
import NIOWebSocket

/// What became of asking for a web socket.
enum HandshakeOutcome: Sendable {
    case webSocket(NIOAsyncChannel<WebSocketFrame, WebSocketFrame>, subprotocol: String)
    /// The server answered without switching protocols.
    case refused(status: Int, body: [UInt8])
}

/// Asks for a web socket, then makes way for its frames, all within one turn of the event loop.
///
/// NIO's own upgrade takes several turns. A server that refuses a port sends its answer, its reason and the end of the
/// connection at once; that reason would be lost in between.
final class WebSocketHandshake: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let request: ByteBuffer
    private let upgrader: NIOWebSocketClientUpgrader
    private let outcome: EventLoopPromise<HandshakeOutcome>
    private var answer = HandshakeAnswer()
    private var hasAsked = false
    private var isDone = false

    /// - Parameters:
    ///   - headers: Beside those of the handshake.
    ///   - outcome: Kept as soon as the server has answered.
    init(target: String, headers: HTTPHeaders, outcome: EventLoopPromise<HandshakeOutcome>) {
        // It makes the key and checks the server's answer to it.
        upgrader = NIOWebSocketClientUpgrader { channel, _ in channel.eventLoop.makeSucceededVoidFuture() }
        var headers = headers
        headers.add(name: "Connection", value: "Upgrade")
        headers.add(name: "Upgrade", value: "websocket")
        upgrader.addCustom(upgradeRequestHeaders: &headers)
        let lines = headers.map { "\($0.name): \($0.value)\r\n" }.joined()
        request = ByteBuffer(string: "GET \(target) HTTP/1.1\r\n\(lines)\r\n")
        self.outcome = outcome
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { ask(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        ask(context)
        context.fireChannelActive()
    }

    private func ask(_ context: ChannelHandlerContext) {
        guard !hasAsked else { return }
        hasAsked = true
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return context.fireChannelRead(data) }
        answer.append(unwrapInboundIn(data))
        judge(context, isEnd: false)
    }

    func channelInactive(context: ChannelHandlerContext) {
        judge(context, isEnd: true)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error)
        context.fireErrorCaught(error)
    }

    func handlerRemoved(context: ChannelHandlerContext) { fail(ChannelError.ioOnClosedChannel) }

    private func fail(_ error: any Error) {
        guard !isDone else { return }
        isDone = true
        outcome.fail(error)
    }

    private func judge(_ context: ChannelHandlerContext, isEnd: Bool) {
        guard !isDone else { return }
        do {
            guard let head = try answer.head() else {
                if isEnd { fail(ChannelError.eof) }
                return
            }
            if head.status == 101, upgrader.shouldAllowUpgrade(upgradeResponse: HTTPResponseHead(head)) {
                try makeWay(context, subprotocol: head.value(of: "sec-websocket-protocol") ?? "")
            } else if let body = try answer.body(of: head, isEnd: isEnd) {
                isDone = true
                outcome.succeed(.refused(status: head.status, body: body))
                context.close(promise: nil)
            }
        } catch {
            fail(error)
            context.close(promise: nil)
        }
    }

    private func makeWay(_ context: ChannelHandlerContext, subprotocol: String) throws {
        isDone = true
        do {
            let pipeline = context.pipeline.syncOperations
            try pipeline.addHandlers(
                [
                    WebSocketFrameEncoder(), ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: 1 << 24)),
                    WebSocketProtocolErrorHandler(),
                ], position: .after(self))
            let channel = try NIOAsyncChannel<WebSocketFrame, WebSocketFrame>(
                wrappingChannelSynchronously: context.channel)
            outcome.succeed(.webSocket(channel, subprotocol: subprotocol))
        } catch {
            outcome.fail(error)
            throw error
        }
        let frames = answer.rest
        if frames.readableBytes > 0 {
            context.fireChannelRead(wrapInboundOut(frames))
            context.fireChannelReadComplete()
        }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}

extension HTTPResponseHead {
    fileprivate init(_ head: HandshakeAnswer.Head) {
        self.init(
            version: .http1_1, status: HTTPResponseStatus(statusCode: head.status),
            headers: HTTPHeaders(head.headers.map { ($0.name, $0.value) }))
    }
}
