import NIOCore
import NIOSSL

/// Puts TLS in front of a connection that begins with a TLS handshake, and leaves others as they are.
///
/// One port does both because Prometheus reads `/metrics` of this port in the open, as Istio's manifests tell it to, and
/// the operator reads `/debug/syncz` of it with a token, which must not cross the network in the open.
final class TLSDetector: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    /// The content type of a handshake record; no HTTP/1 request begins with it.
    private static let handshake: UInt8 = 22

    private let current: () -> NIOSSLContext?

    /// - Parameter current: Nil as long as there is no certificate to present.
    init(current: @escaping () -> NIOSSLContext?) { self.current = current }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Self.unwrapInboundIn(data)
        guard let first = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) else { return }
        if first == Self.handshake {
            do {
                guard let tls = current() else { throw ChannelError.operationUnsupported }
                try context.pipeline.syncOperations.addHandler(
                    NIOSSLServerHandler(context: tls), position: .after(self))
            } catch {
                context.close(promise: nil)
                return
            }
        }
        context.fireChannelRead(data)
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
}
