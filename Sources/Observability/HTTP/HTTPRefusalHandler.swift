import NIOCore

/// Answers 503 to a connection that is not admitted and closes it, whatever it says.
final class HTTPRefusalHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let why: String

    init(why: String) { self.why = why }

    func channelActive(context: ChannelHandlerContext) {
        let reply = """
            HTTP/1.1 503 Service Unavailable\r
            content-type: text/plain; charset=utf-8\r
            content-length: \(why.utf8.count + 1)\r
            connection: close\r
            \r
            \(why)

            """
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: reply)))
            .whenComplete { _ in bound.value.close(promise: nil) }
    }
}
