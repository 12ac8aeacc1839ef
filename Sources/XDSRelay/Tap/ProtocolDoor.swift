import NIOCore
import NIOPosix

/// Tells HTTP/2, which goes on to a socket, from HTTP/1, which stays, by the first bytes of a connection.
///
/// The handlers behind it hear of the connection only if it is theirs.
final class ProtocolDoor: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    struct Settings: Hashable, Sendable {
        /// Where HTTP/2 is spoken.
        var socketPath: String
        /// How long a connection may say nothing at first.
        var silence: Duration = .seconds(10)
        /// How long one that goes on may last.
        var lifetime: Duration
    }

    private enum State {
        case undecided(ByteBuffer)
        case here
        /// Until the socket is connected what comes waits; nothing more is read meanwhile.
        case connecting(ByteBuffer)
        case beyond(any Channel)
        case closed
    }

    private let settings: Settings
    private var state = State.undecided(ByteBuffer())
    private var deadline: Scheduled<Void>?

    init(_ settings: Settings) { self.settings = settings }

    func channelActive(context: ChannelHandlerContext) { close(context, after: settings.silence) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .here: context.fireChannelRead(data)
        case .beyond(let channel): channel.writeAndFlush(Self.unwrapInboundIn(data), promise: nil)
        case .connecting(var waiting):
            var bytes = Self.unwrapInboundIn(data)
            waiting.writeBuffer(&bytes)
            state = .connecting(waiting)
        case .undecided(var known):
            var bytes = Self.unwrapInboundIn(data)
            known.writeBuffer(&bytes)
            decide(known, context)
        case .closed: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        if case .beyond(let channel) = state { channel.close(promise: nil) }
        let wasHere = if case .here = state { true } else { false }
        state = .closed
        if wasHere { context.fireChannelInactive() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if case .beyond(let channel) = state {
            // Who asks sets the pace.
            channel.setOption(.autoRead, value: context.channel.isWritable).whenFailure { _ in }
        } else if case .here = state {
            context.fireChannelWritabilityChanged()
        }
    }

    /// HTTP/2 begins with these, and no request of HTTP/1 does.
    private static let preface = Array("PRI ".utf8)

    private func decide(_ known: ByteBuffer, _ context: ChannelHandlerContext) {
        let first = known.readableBytesView.prefix(Self.preface.count)
        guard first.elementsEqual(Self.preface.prefix(first.count)) else {
            deadline?.cancel()
            state = .here
            context.fireChannelActive()
            context.fireChannelRead(Self.wrapInboundOut(known))
            context.fireChannelReadComplete()
            return
        }
        guard first.count == Self.preface.count else {
            state = .undecided(known)
            return
        }
        state = .connecting(known)
        close(context, after: settings.lifetime)
        connect(context)
    }

    typealias InboundOut = ByteBuffer

    private func connect(_ context: ChannelHandlerContext) {
        let channel = context.channel
        let bound = NIOLoopBound((door: self, context: context), eventLoop: context.eventLoop)
        channel.setOption(.autoRead, value: false).whenFailure { _ in }
        ClientBootstrap(group: context.eventLoop)
            .channelOption(.autoRead, value: true)
            .channelInitializer { beyond in
                beyond.eventLoop.makeCompletedFuture {
                    try beyond.pipeline.syncOperations.addHandler(ReturnPath(to: bound.value.context))
                }
            }
            .connect(unixDomainSocketPath: settings.socketPath)
            .whenComplete { result in
                let (door, context) = bound.value
                switch result {
                case .success(let beyond): door.open(beyond, context)
                case .failure: context.close(promise: nil)
                }
            }
    }

    private func open(_ beyond: any Channel, _ context: ChannelHandlerContext) {
        guard case .connecting(let waiting) = state else {
            beyond.close(promise: nil)
            return
        }
        state = .beyond(beyond)
        beyond.writeAndFlush(waiting, promise: nil)
        context.channel.setOption(.autoRead, value: true).whenFailure { _ in }
    }

    private func close(_ context: ChannelHandlerContext, after time: Duration) {
        deadline?.cancel()
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: .nanoseconds(Int64(time / .nanoseconds(1)))) {
            bound.value.close(promise: nil)
        }
    }
}

/// What comes back goes to the one who asked, past the handlers of the other protocol. Both are of one event loop.
private final class ReturnPath: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let asking: ChannelHandlerContext

    init(to context: ChannelHandlerContext) { asking = context }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        asking.writeAndFlush(data, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { asking.close(promise: nil) }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        asking.channel.setOption(.autoRead, value: context.channel.isWritable).whenFailure { _ in }
    }
}
