import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket

/// A message of the channel protocols (`v4.channel.k8s.io` and its kin): a frame whose first byte is a channel.
struct ChannelMessage: Sendable {
    var channel: UInt8
    var bytes: ByteBuffer
}

/// A web socket on which several channels share one connection.
struct WebSocketSession: Sendable {
    /// The one that the server chose.
    let subprotocol: String
    private let inbound: NIOAsyncChannelInboundStream<WebSocketFrame>
    private let outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>

    init(
        subprotocol: String, inbound: NIOAsyncChannelInboundStream<WebSocketFrame>,
        outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
    ) {
        self.subprotocol = subprotocol
        self.inbound = inbound
        self.outbound = outbound
    }

    /// Sends one message. Waits while the connection takes no more.
    func send(_ bytes: some Collection<UInt8> & Sendable, on channel: UInt8) async throws {
        var data = ByteBuffer(bytes: [channel])
        data.writeBytes(bytes)
        try await outbound.write(
            WebSocketFrame(fin: true, opcode: .binary, maskKey: .random(), data: data))
    }

    /// What the server sends, read as fast as it is taken.
    var messages: Messages { Messages(frames: inbound, outbound: outbound) }

    /// The messages of a web socket. Pings are answered on the way.
    struct Messages: AsyncSequence {
        fileprivate let frames: NIOAsyncChannelInboundStream<WebSocketFrame>
        fileprivate let outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>

        func makeAsyncIterator() -> Iterator {
            Iterator(frames: frames.makeAsyncIterator(), outbound: outbound)
        }

        struct Iterator: AsyncIteratorProtocol {
            fileprivate var frames: NIOAsyncChannelInboundStream<WebSocketFrame>.AsyncIterator
            fileprivate let outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>

            mutating func next() async throws -> ChannelMessage? {
                while let frame = try await frames.next() {
                    switch frame.opcode {
                    case .binary, .text, .continuation:
                        var bytes = frame.unmaskedData
                        guard let channel = bytes.readInteger(as: UInt8.self) else { continue }
                        return ChannelMessage(channel: channel, bytes: bytes)
                    case .ping:
                        try await outbound.write(
                            WebSocketFrame(
                                fin: true, opcode: .pong, maskKey: .random(), data: frame.unmaskedData))
                    case .connectionClose: return nil
                    default: continue
                    }
                }
                return nil
            }
        }
    }
}

extension KubernetesClient {
    /// Opens a web socket, hands it over, and closes it.
    ///
    /// - Parameter subprotocols: In the order of preference.
    /// - Throws: `APIError` if the server refuses.
    func withWebSocket<Value: Sendable>(
        _ call: Call, subprotocols: [String], _ body: (WebSocketSession) async throws -> Value
    ) async throws -> Value {
        let authorization = try await credentials.authorization()
        let outcome: HandshakeOutcome
        do {
            outcome = try await withTimeLimit(limits.requestTimeout) {
                try await self.shakeHands(call, subprotocols: subprotocols, authorization)
            }
        } catch {
            throw transport.failure(error, of: call)
        }
        switch outcome {
        case .refused(let status, let body):
            throw APIError(status: status, body: body, retryAfter: nil, request: call.subject)
        case .webSocket(let channel, let subprotocol):
            return try await channel.executeThenClose { inbound, outbound in
                try await body(WebSocketSession(subprotocol: subprotocol, inbound: inbound, outbound: outbound))
            }
        }
    }

    private func shakeHands(
        _ call: Call, subprotocols: [String], _ authorization: Authorization
    ) async throws -> HandshakeOutcome {
        guard let url = URLParts(configuration.server) else {
            throw TransportError(
                .unreachable, server: configuration.server, request: call.subject, cause: "the address is no URL")
        }
        var headers = transport.headers
        headers.add(name: "Host", value: "\(configuration.tlsServerName ?? url.host):\(url.port)")
        headers.add(name: "Sec-WebSocket-Protocol", value: subprotocols.joined(separator: ", "))
        if let token = authorization.header { headers.add(name: "Authorization", value: token.exposed) }
        let tls = url.isSecure ? try sslContext(authorization) : nil
        let serverName = configuration.tlsServerName ?? (url.host.isIPAddress ? nil : url.host)
        let (target, allHeaders) = (url.path + call.target, headers)
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(limits.connectTimeout))
        let outcome = try await bootstrap.connect(host: url.host, port: url.port) { channel in
            channel.eventLoop.makeCompletedFuture {
                if let tls {
                    try channel.pipeline.syncOperations.addHandler(
                        NIOSSLClientHandler(context: tls, serverHostname: serverName))
                }
                let outcome = channel.eventLoop.makePromise(of: HandshakeOutcome.self)
                try channel.pipeline.syncOperations.addHandler(
                    WebSocketHandshake(target: target, headers: allHeaders, outcome: outcome))
                return outcome.futureResult
            }
        }
        return try await outcome.get()
    }

    private func sslContext(_ authorization: Authorization) throws -> NIOSSLContext {
        var tls = authorization.tls
        tls.applicationProtocols = ["http/1.1"]  // web sockets over HTTP/2 are not offered by API servers
        return try NIOSSLContext(configuration: tls)
    }
}

extension String {
    /// Whether this is an IPv4 or IPv6 address.
    fileprivate var isIPAddress: Bool { (try? SocketAddress(ipAddress: self, port: 0)) != nil }
}
