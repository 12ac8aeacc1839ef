import AgentRuntime
import Metrics
import NIOCore
import NIOPosix
import Synchronization

/// Asks other name servers.
final class NameForwarder: Sendable {
    private struct State {
        var stamp: FileStamp?
        var configuration = ResolverConfiguration(parsing: "")
        var waiting = 0
    }

    private let settings: NameServerSettings
    private let metrics: NameMetrics
    private let group: any EventLoopGroup
    private let state = Mutex(State())

    init(_ settings: NameServerSettings, metrics: NameMetrics, group: any EventLoopGroup) {
        self.settings = settings
        self.metrics = metrics
        self.group = group
    }

    /// What `/etc/resolv.conf` says now.
    var configuration: ResolverConfiguration {
        state.withLock { state in
            let stamp = FileStamp([settings.resolvConf])
            if stamp != state.stamp, let text = try? Files.text(settings.resolvConf) {
                state.stamp = stamp
                state.configuration = ResolverConfiguration(parsing: text)
            }
            return state.configuration
        }
    }

    /// Lets one more question wait, unless too many do. Then ``answer(to:isStream:own:)`` has to follow.
    func admit() -> Bool {
        state.withLock { state in
            guard state.waiting < settings.concurrency else { return false }
            state.waiting += 1
            return true
        }
    }

    /// The answer of the first server that gives one; nil: none does.
    ///
    /// - Parameters:
    ///   - isStream: Whether the asker can take answers of any size.
    ///   - port: The agent's own, which is never asked.
    func answer(to query: DNSQuery, isStream: Bool, own port: Int) async -> [UInt8]? {
        defer { state.withLock { $0.waiting -= 1 } }
        metrics.upstreamRequests.increment()
        let start = ContinuousClock.now
        for server in servers(own: port) {
            guard let answer = await ask(server, query, isStream: isStream) else { continue }
            metrics.upstreamTime.record(duration: ContinuousClock.now - start)
            return answer
        }
        metrics.upstreamFailures.increment()
        return nil
    }

    private func servers(own port: Int) -> [SocketAddress] {
        let named = settings.forwardsTo.isEmpty ? configuration.servers : settings.forwardsTo
        return named.compactMap(Self.address).filter { $0.port != port || !$0.isLoopback }
    }

    /// `address`, `address:port` or `[address]:port`.
    static func address(_ text: String) -> SocketAddress? {
        if let whole = try? SocketAddress(ipAddress: text, port: 53) { return whole }
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]) else { return nil }
        let host = text[..<colon].drop { $0 == "[" }
        return try? SocketAddress(ipAddress: String(host.hasSuffix("]") ? host.dropLast() : host), port: port)
    }

    private func ask(_ server: SocketAddress, _ query: DNSQuery, isStream: Bool) async -> [UInt8]? {
        if isStream { return try? await exchange(server, query, isStream: true) }
        guard let answer = try? await exchange(server, query, isStream: false) else { return nil }
        // Cut off: the whole may fit nevertheless, for the server does not know what the asker takes.
        guard answer[2] & 0x02 != 0, let whole = try? await exchange(server, query, isStream: true) else {
            return answer
        }
        return whole.count <= query.payloadLimit ? whole : answer
    }

    /// One question and its answer, over a socket of their own.
    private func exchange(_ server: SocketAddress, _ query: DNSQuery, isStream: Bool) async throws -> [UInt8] {
        // The asker's number is not passed on: answers that others make up have to guess this one.
        let number = [UInt8.random(in: 0...255), UInt8.random(in: 0...255)]
        let question = number + query.message[2...]
        let loop = group.next()
        let promise = loop.makePromise(of: [UInt8].self)
        let handler: @Sendable (any Channel) -> EventLoopFuture<Void> = { channel in
            channel.eventLoop.makeCompletedFuture {
                if !isStream { try channel.pipeline.syncOperations.addHandler(DatagramContents()) }
                try channel.pipeline.syncOperations.addHandler(
                    ExchangeHandler(question, query.question.count, isStream: isStream, promise))
            }
        }
        let connecting =
            isStream
            ? ClientBootstrap(group: loop).connectTimeout(TimeAmount(settings.timeout)).channelInitializer(handler)
                .connect(to: server)
            : DatagramBootstrap(group: loop).channelInitializer(handler).connect(to: server)
        connecting.whenFailure { promise.fail($0) }
        let deadline = loop.scheduleTask(in: TimeAmount(settings.timeout)) {
            promise.fail(ChannelError.connectTimeout(TimeAmount(self.settings.timeout)))
        }
        defer {
            deadline.cancel()
            connecting.whenSuccess { $0.close(promise: nil) }
        }
        return query.identifier + (try await promise.futureResult.get())[2...]
    }
}

/// What datagrams hold, without who sent them: the socket is connected.
private final class DatagramContents: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias InboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireChannelRead(wrapInboundOut(unwrapInboundIn(data).data))
    }
}

/// Sends a question when its channel is there, and waits for the answer that belongs to it.
private final class ExchangeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let question: [UInt8]
    /// Bytes of the section that answers repeat.
    private let section: Int
    private let isStream: Bool
    private let promise: EventLoopPromise<[UInt8]>
    private var received: [UInt8] = []

    init(_ question: [UInt8], _ section: Int, isStream: Bool, _ promise: EventLoopPromise<[UInt8]>) {
        self.question = question
        self.section = section
        self.isStream = isStream
        self.promise = promise
    }

    func channelActive(context: ChannelHandlerContext) {
        let head = isStream ? [UInt8(question.count >> 8), UInt8(question.count & 0xFF)] : []
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: head + question)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(unwrapInboundIn(data).readableBytesView)
        guard isStream else { return settle(bytes) }
        received += bytes
        guard received.count >= 2 else { return }
        let count = Int(received[0]) << 8 | Int(received[1])
        if received.count >= count + 2 { settle(Array(received[2..<count + 2])) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { promise.fail(error) }

    func channelInactive(context: ChannelHandlerContext) { promise.fail(ChannelError.eof) }

    /// What does not belong to the question is another's word: it is waited on.
    private func settle(_ answer: [UInt8]) {
        guard answer.count >= 12, answer[0...1] == question[0...1], answer[2] & 0x80 != 0 else { return }
        // Servers that refuse may leave the question out.
        let repeats =
            answer.count >= 12 + section && Self.isEqual(answer[12..<12 + section], question[12..<12 + section])
        guard repeats || DNSQuery.number(answer, 4) == 0 else { return }
        promise.succeed(answer)
    }

    /// Names are compared as DNS does, whatever their letters' case.
    private static func isEqual(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Bool {
        left.elementsEqual(right) { left, right in
            left == right || (left ^ right == 0x20 && (0x61...0x7A).contains(left | 0x20))
        }
    }
}

extension SocketAddress {
    fileprivate var isLoopback: Bool {
        guard let text = ipAddress else { return false }
        return text.hasPrefix("127.") || text == "::1" || text == "0.0.0.0"
    }
}
