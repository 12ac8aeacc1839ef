import NIOCore
import NIOHTTP1

/// Makes whole requests of HTTP parts and parts of whole replies, and enforces the limits of one connection.
///
/// ```
///  bytes ─► HTTP decoder, pipelining ─► parts ─► this ─► HTTPRequestView ─► a task of the server
///  bytes ◄─ HTTP encoder             ◄─ parts ◄─ this ◄─ HTTPReply       ◄─┘
/// ```
///
/// One deadline runs at any time: for the first request, for a request that is arriving, for a reply that is being
/// taken, or for the next request. While a route handler works none runs.
final class HTTPConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPReply
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// Waiting for a request head.
        case idle
        /// Head seen, body arriving.
        case receiving(HTTPRequestHead, body: ByteBuffer)
        /// A route handler works on the request.
        case handling(isHead: Bool, keepAlive: Bool)
        /// A last answer was given, the rest of the input does not count.
        case closing
    }

    private let limits: HTTPLimits
    private let deliver: (HTTPRequestView) -> Void
    private var state = State.idle
    private var deadline: Scheduled<Void>?

    /// - Parameter deliver: Takes each request; the reply comes back as a write to the channel.
    init(limits: HTTPLimits, deliver: @escaping (HTTPRequestView) -> Void) {
        self.limits = limits
        self.deliver = deliver
    }

    func channelActive(context: ChannelHandlerContext) {
        startDeadline(limits.requestTime, context: context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stopDeadline()
        state = .closing
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (Self.unwrapInboundIn(data), state) {
        case (.head(let head), .idle):
            startDeadline(limits.requestTime, context: context)
            let announced = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
            if announced > limits.bodyBytes {
                refuse(.payloadTooLarge, "a body may have \(limits.bodyBytes) bytes", context: context)
            } else {
                state = .receiving(head, body: ByteBuffer())
            }
        case (.body(var part), .receiving(let head, var body)):
            if body.readableBytes + part.readableBytes > limits.bodyBytes {
                refuse(.payloadTooLarge, "a body may have \(limits.bodyBytes) bytes", context: context)
            } else {
                body.writeBuffer(&part)
                state = .receiving(head, body: body)
            }
        case (.end, .receiving(let head, let body)):
            stopDeadline()
            state = .handling(isHead: head.method == .HEAD, keepAlive: head.isKeepAlive)
            deliver(
                HTTPRequestView(
                    method: head.method.rawValue, target: head.uri,
                    headers: head.headers.map { (name: $0.name, value: $0.value) },
                    body: Array(body.readableBytesView)))
        default:
            break
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .handling(let isHead, let keepAlive) = state else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        state = keepAlive ? .idle : .closing
        let taken = promise ?? context.eventLoop.makePromise(of: Void.self)
        startDeadline(limits.requestTime, context: context)
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        taken.futureResult.whenSuccess { bound.value.handler.replyWasTaken(context: bound.value.context) }
        send(Self.unwrapOutboundIn(data), isHead: isHead, keepAlive: keepAlive, promise: taken, context: context)
    }

    /// A request that cannot be parsed is answered once, then the decoder closes the connection.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError {
            switch state {
            case .idle, .receiving:
                if error == .headerOverflow {
                    refuse(
                        .requestHeaderFieldsTooLarge, "headers may have \(limits.headerBytes) bytes", context: context)
                } else {
                    refuse(.badRequest, "not an HTTP/1.1 request", context: context)
                }
            case .handling, .closing:
                context.close(promise: nil)
            }
        } else {
            context.close(promise: nil)
        }
    }

    private func replyWasTaken(context: ChannelHandlerContext) {
        switch state {
        case .idle: startDeadline(limits.idleTime, context: context)
        case .closing: context.close(promise: nil)
        case .receiving, .handling: break  // the next request was there already
        }
    }

    /// Answers by itself and closes: no route handler sees the request.
    private func refuse(_ status: HTTPResponseStatus, _ why: String, context: ChannelHandlerContext) {
        state = .closing
        startDeadline(limits.requestTime, context: context)
        let closed = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        closed.futureResult.whenComplete { _ in bound.value.close(promise: nil) }
        let reply = HTTPReply.text("\(why)\n", status: Int(status.code))
        send(reply, isHead: false, keepAlive: false, promise: closed, context: context)
        context.flush()
    }

    private func send(
        _ reply: HTTPReply, isHead: Bool, keepAlive: Bool, promise: EventLoopPromise<Void>,
        context: ChannelHandlerContext
    ) {
        var headers = HTTPHeaders()
        headers.add(name: "content-type", value: reply.contentType)
        headers.add(name: "content-length", value: "\(reply.body.count)")
        for header in reply.headers { headers.add(name: header.name, value: header.value) }
        if !keepAlive { headers.add(name: "connection", value: "close") }
        let status = HTTPResponseStatus(statusCode: reply.status)
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        if !isHead, !reply.body.isEmpty {
            let body = context.channel.allocator.buffer(bytes: reply.body)
            context.write(Self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        context.write(Self.wrapOutboundOut(.end(nil)), promise: promise)
    }

    private func startDeadline(_ time: Duration, context: ChannelHandlerContext) {
        deadline?.cancel()
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: TimeAmount(time)) { bound.value.close(promise: nil) }
    }

    private func stopDeadline() {
        deadline?.cancel()
        deadline = nil
    }
}
