import CertificateAuthority
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A control plane's webhook server as far as the operator looks: TLS on loopback, and an answer to any request.
final class WebhookServer: Sendable {
    private let accepted = Mutex(0)

    /// Connections so far, refused handshakes among them.
    var connections: Int { accepted.withLock { $0 } }

    /// Runs it for these names, with a certificate of this authority, while `body` runs; `body` gets the port.
    func serve(
        _ names: [String], issuedBy authority: CAMaterial, _ body: (_ port: Int) async throws -> Void
    ) async throws {
        let leaf = try authority.serverCertificate(names: names, lifetime: .seconds(3600), now: .now)
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(leaf.certificateChainPEM.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(leaf.privateKey.revealed.utf8), format: .pem)
        let context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key)))
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    self.accepted.withLock { $0 += 1 }
                    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Answer())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do { try await body(channel.localAddress?.port ?? 0) } catch {
            try? await channel.close()
            throw error
        }
        try await channel.close()
    }
}

/// Says 200 to whatever is asked.
private final class Answer: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = unwrapInboundIn(data) else { return }
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Length": "0"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
