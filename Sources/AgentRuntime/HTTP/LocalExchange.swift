import NIOCore

/// Sends bytes to something in this Pod and takes what comes back.
package enum LocalExchange {
    /// What is answered, until the other side closes, `isEnough` says so, 64 KB are there, or the time is over and
    /// something is there.
    package static func exchange(
        _ bytes: [UInt8], host: String, port: Int, within limit: Duration,
        until isEnough: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws -> [UInt8] {
        let (channel, answer) = try await LocalConnection.open(host: host, port: port, source: nil, within: limit) {
            channel in
            let answer = channel.eventLoop.makePromise(of: [UInt8].self)
            return channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(BytesCollector(answer, until: isEnough))
                return (channel, answer)
            }.flatMapErrorThrowing { error in
                answer.fail(error)
                throw error
            }
        }
        // The end of the time ends the connection: what has come by then is the answer.
        let deadline = channel.eventLoop.scheduleTask(in: .nanoseconds(Int64(limit / .nanoseconds(1)))) {
            channel.close(promise: nil)
        }
        defer {
            deadline.cancel()
            channel.close(promise: nil)
        }
        return try await withTaskCancellationHandler {
            channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
            return try await answer.futureResult.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }
}

/// Gathers what comes until it is enough.
private final class BytesCollector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let answer: EventLoopPromise<[UInt8]>
    private let isEnough: @Sendable ([UInt8]) -> Bool
    private var bytes: [UInt8] = []

    init(_ answer: EventLoopPromise<[UInt8]>, until isEnough: @escaping @Sendable ([UInt8]) -> Bool) {
        self.answer = answer
        self.isEnough = isEnough
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes.append(contentsOf: Self.unwrapInboundIn(data).readableBytesView)
        if bytes.count > 64 << 10 || isEnough(bytes) {
            answer.succeed(bytes)
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if bytes.isEmpty {
            answer.fail(LocalHTTPError("nothing was answered"))
        } else {
            answer.succeed(bytes)
        }
        context.fireChannelInactive()
    }

    /// Also where no connection came about.
    func handlerRemoved(context: ChannelHandlerContext) { answer.fail(ChannelError.alreadyClosed) }
}
