import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

extension LocalHTTPRequest {
    /// Sends it and waits for the whole answer, or for its limit of time.
    package func send() async throws(LocalHTTPError) -> LocalHTTPResponse {
        do {
            return try await exchange()
        } catch let error as LocalHTTPError {
            throw error
        } catch {
            throw LocalHTTPError("\(method) \(host):\(port)\(target) failed: \(error)")
        }
    }

    private func exchange() async throws -> LocalHTTPResponse {
        let (channel, answer) = try await LocalConnection.open(
            host: host, port: port, source: source, within: timeout
        ) { channel in
            let answer = channel.eventLoop.makePromise(of: LocalHTTPResponse.self)
            return channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                if isEncrypted {
                    try pipeline.addHandler(NIOSSLClientHandler(context: .anyPeer(), serverHostname: nil))
                }
                try pipeline.addHTTPClientHandlers()
                try pipeline.addHandler(ResponseCollector(answer, maximumBytes: maximumBytes))
                return (channel, answer)
            }.flatMapErrorThrowing { error in
                answer.fail(error)
                throw error
            }
        }
        let deadline = channel.eventLoop.scheduleTask(in: .milliseconds(max(1, milliseconds))) {
            answer.fail(LocalHTTPError("\(method) \(host):\(port)\(target): no answer within \(timeout)"))
            channel.close(promise: nil)
        }
        defer {
            deadline.cancel()
            channel.close(promise: nil)
        }
        return try await withTaskCancellationHandler {
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
            if !body.isEmpty {
                channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
            }
            channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
            return try await answer.futureResult.get()
        } onCancel: {
            answer.fail(CancellationError())
            channel.close(promise: nil)
        }
    }

    private var milliseconds: Int64 {
        let (seconds, attoseconds) = timeout.components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    private var head: HTTPRequestHead {
        var fields = HTTPHeaders()
        let authority = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        fields.add(name: "host", value: headers.first { $0.name.lowercased() == "host" }?.value ?? authority)
        for header in headers where header.name.lowercased() != "host" {
            fields.add(name: header.name, value: header.value)
        }
        fields.replaceOrAdd(name: "connection", value: "close")
        if !body.isEmpty || method == "POST" { fields.replaceOrAdd(name: "content-length", value: "\(body.count)") }
        return HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: method), uri: target, headers: fields)
    }
}

extension NIOSSLContext {
    private static let cache = Mutex<NIOSSLContext?>(nil)

    /// Takes any certificate.
    fileprivate static func anyPeer() throws -> NIOSSLContext {
        try cache.withLock { cached in
            if let cached { return cached }
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.certificateVerification = .none
            let context = try NIOSSLContext(configuration: configuration)
            cached = context
            return context
        }
    }
}

/// Gathers the parts of one response.
private final class ResponseCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let answer: EventLoopPromise<LocalHTTPResponse>
    private let maximumBytes: Int
    private var response: LocalHTTPResponse?

    init(_ answer: EventLoopPromise<LocalHTTPResponse>, maximumBytes: Int) {
        self.answer = answer
        self.maximumBytes = maximumBytes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head):
            response = LocalHTTPResponse(
                status: Int(head.status.code), headers: head.headers.map { (name: $0.name, value: $0.value) }, body: [])
        case .body(let part):
            let room = maximumBytes - (response?.body.count ?? 0)
            response?.body.append(contentsOf: part.readableBytesView.prefix(room))
            if part.readableBytes > room {
                response?.isTruncated = true
                finish(context)
            }
        case .end:
            finish(context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        answer.fail(LocalHTTPError("the connection was closed before the answer was complete"))
        context.fireChannelInactive()
    }

    /// Also where no connection came about.
    func handlerRemoved(context: ChannelHandlerContext) { answer.fail(ChannelError.alreadyClosed) }

    private func finish(_ context: ChannelHandlerContext) {
        guard let response else { return }
        answer.succeed(response)
        context.close(promise: nil)
    }
}
