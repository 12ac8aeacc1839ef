package import Logging
import Metrics
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Answers the workload's DNS queries: the mesh's names from what the control plane told, all others from the name
/// servers that the workload would ask itself.
///
/// ```
///   query ─► NameTable ── knows the name ──► addresses, in turn; or that there are none of the family
///               └ does not ─► NameForwarder ─► the servers of /etc/resolv.conf, one after the other
/// ```
package final class NameServer: Service {
    private let settings: NameServerSettings
    private let names: NameTableStore
    private let metrics: NameMetrics
    private let logger: Logger
    private let forwarder: NameForwarder
    private let turns = Atomic<Int>(0)
    private let own = Atomic<Int>(0)
    private let (ports, port) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))

    /// A server that does not listen yet.
    package init(
        _ settings: NameServerSettings = NameServerSettings(), names: NameTableStore,
        logger: Logger = Logger(label: "dns"), metrics: NameMetrics = NameMetrics()
    ) {
        self.settings = settings
        self.names = names
        self.logger = logger
        self.metrics = metrics
        forwarder = NameForwarder(settings, metrics: metrics, group: MultiThreadedEventLoopGroup.singleton)
    }

    /// The port it listens on, as soon as it does; nil: it has ended. To be asked once.
    package func boundPort() async -> Int? {
        for await port in ports { return port }
        return nil
    }

    /// Serves until the service ends.
    package func run() async throws {
        defer { port.finish() }
        var channels: [any Channel] = []
        defer { for channel in channels { channel.close(promise: nil) } }
        var number = settings.port
        for (index, address) in settings.addresses.enumerated() {
            do {
                let datagrams = try await bindDatagrams(address, number)
                channels.append(datagrams)
                number = datagrams.localAddress?.port ?? number
                channels.append(try await bindStreams(address, number))
            } catch  where index > 0 {
                logger.info("No DNS on this address", metadata: ["address": "\(address)", "error": "\(error)"])
            }
        }
        own.store(number, ordering: .relaxed)
        port.yield(number)
        logger.info("Listening for DNS", metadata: ["port": "\(number)"])
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: .seconds(86_400))) != nil {}
        }
    }

    private func bindDatagrams(_ address: String, _ port: Int) async throws -> any Channel {
        try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4096))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DatagramQuestions(self))
                }
            }.bind(host: address, port: port).get()
    }

    private func bindStreams(_ address: String, _ port: Int) async throws -> any Channel {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        IdleStateHandler(readTimeout: .seconds(10)), StreamQuestions(self))
                }
            }.bind(host: address, port: port).get()
    }

    // MARK: - Answers

    /// Answers a question: at once what is known here, later what others are asked for. Nonsense is not answered.
    fileprivate func answer(
        _ bytes: ByteBuffer, isStream: Bool, _ reply: @escaping @Sendable ([UInt8]) -> Void
    ) {
        metrics.requests.increment()
        guard let query = DNSQuery(Array(bytes.readableBytesView)) else { return }
        if let answer = ownAnswer(to: query) {
            return reply(answer.message(for: query, limit: isStream ? 65_535 : query.payloadLimit))
        }
        let own = own.load(ordering: .relaxed)
        guard forwarder.admit() else {
            return reply(DNSAnswer(code: .serverFailure).message(for: query, limit: nil))
        }
        Task {
            let answer = await self.forwarder.answer(to: query, isStream: isStream, own: own)
            reply(answer ?? DNSAnswer(code: .serverFailure).message(for: query, limit: nil))
        }
    }

    private func ownAnswer(to query: DNSQuery) -> DNSAnswer? {
        guard names.isTold else { return nil }
        let turn = turns.wrappingAdd(1, ordering: .relaxed).newValue & .max
        return names.table.answer(to: query, search: forwarder.configuration.search, turn: turn)
    }
}

/// Questions that come as datagrams.
private final class DatagramQuestions: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let server: NameServer

    init(_ server: NameServer) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        let (channel, asker) = (context.channel, envelope.remoteAddress)
        server.answer(envelope.data, isStream: false) { answer in
            channel.writeAndFlush(
                AddressedEnvelope(remoteAddress: asker, data: ByteBuffer(bytes: answer)), promise: nil)
        }
    }

    /// An asker that is gone is nobody's failure.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}

/// Questions that come over a connection, each after its length; answers go out as they come.
private final class StreamQuestions: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let server: NameServer
    private var pending = ByteBuffer()

    init(_ server: NameServer) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        pending.writeImmutableBuffer(unwrapInboundIn(data))
        let channel = context.channel
        while let message = pending.readLengthPrefixedSlice(as: UInt16.self) {
            server.answer(message, isStream: true) { answer in
                var framed = ByteBuffer(integer: UInt16(clamping: answer.count))
                framed.writeBytes(answer.prefix(Int(UInt16.max)))
                channel.writeAndFlush(framed, promise: nil)
            }
        }
        pending.discardReadBytes()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
