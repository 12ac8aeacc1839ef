import EnvoyAPI
import EnvoyTesting
import Foundation
import Metrics
import NIOCore
import NIOPosix
import Observability
import SwiftProtobuf
import Synchronization
import Testing

@testable import DNSProxy

/// Questions over real sockets, with another server behind.
@Suite struct NameServerTests {
    @Test func ownNamesAndOthers() async throws {
        try await withNameServer { server in
            for isStream in [false, true] {
                let own = try await server.ask("web.default.svc.cluster.local", isStream: isStream)
                #expect(own.records.map(\.address) == ["10.0.0.1"])
                let other = try await server.ask("example.com", isStream: isStream)
                #expect(other.records.map(\.address) == ["1.2.3.4"])
                // The asker's number comes back, another one was passed on.
                #expect(other.bytes.prefix(2) == [0x12, 0x67])
            }
            #expect(server.upstream.questions.map(\.isStream) == [false, true])
            #expect(Set(server.upstream.questions.map(\.name)) == ["example.com"])
            #expect(server.metric("dns_requests_total") == 4)
            #expect(server.metric("dns_upstream_requests_total") == 2)
            #expect(server.metric("dns_upstream_failures_total") == 0)
        }
    }

    @Test func whatIsCutOffIsFetchedWhole() async throws {
        try await withNameServer { server in
            // It fits what the asker takes, though not what the server behind thought.
            let whole = try await server.ask("truncated.example.com", payload: 1232)
            #expect(!whole.isTruncated)
            #expect(whole.records.map(\.address) == ["1.2.3.4"])
            #expect(server.upstream.questions.map(\.isStream) == [false, true])
        }
    }

    @Test func anotherServerIsAskedWhenOneIsSilent() async throws {
        try await withNameServer(silentFirst: true) { server in
            let reply = try await server.ask("example.com")
            #expect(reply.records.map(\.address) == ["1.2.3.4"])
        }
    }

    @Test func nobodyAnswers() async throws {
        try await withNameServer(timeout: .milliseconds(50)) { server in
            let reply = try await server.ask("silent.example.com")
            #expect(reply.code == 2)
            #expect(server.metric("dns_upstream_failures_total") == 1)
        }
    }

    /// Many at once, more than are let wait: each is answered, one way or the other.
    @Test func manyAtOnce() async throws {
        try await withNameServer(concurrency: 8) { server in
            let codes = try await withThrowingTaskGroup(of: UInt8.self) { group in
                for index in 0..<64 {
                    group.addTask { try await server.ask(index % 2 == 0 ? "example.com" : "web").code }
                }
                return try await group.reduce(into: [UInt8: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(codes.keys.allSatisfy { $0 == 0 || $0 == 2 })
            #expect(codes.values.reduce(0, +) == 64)
            #expect(codes[0] ?? 0 >= 32 + 8)
        }
    }

    /// Before the control plane has told names, all are others'.
    @Test func withoutNamesOthersAreAsked() async throws {
        try await withNameServer(names: nil) { server in
            let reply = try await server.ask("web.default.svc.cluster.local")
            #expect(reply.records.map(\.address) == ["1.2.3.4"])
        }
    }
}

/// A name server under test, and the one behind it.
private struct NameServerFixture: Sendable {
    let host: String
    let port: Int
    let upstream: UpstreamServer
    let metrics: MetricsRegistry

    func metric(_ name: String) -> Double? {
        metrics.prometheusText().split(separator: "\n").first { $0.hasPrefix("\(name) ") }
            .flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
    }

    func ask(_ name: String, isStream: Bool = false, payload: UInt16? = nil) async throws -> DNSReply {
        let question = DNSMessage.question(name, payload: payload)
        return try DNSReply(try await DNSClient.exchange(host: host, port: port, question, isStream: isStream))
    }
}

private func withNameServer(
    names: [String: [String]]? = ["web": ["10.0.0.1"]], silentFirst: Bool = false, concurrency: Int = 1024,
    timeout: Duration = .seconds(20),
    _ body: (NameServerFixture) async throws -> Void
) async throws {
    let upstream = try await UpstreamServer()
    defer { upstream.close() }
    let store = NameTableStore(namespace: "default")
    if let names {
        store.put(
            .with {
                for (name, ips) in names {
                    $0.table["\(name).default.svc.cluster.local"] = .with {
                        $0.ips = ips
                        $0.registry = "Kubernetes"
                        $0.shortname = name
                        $0.namespace = "default"
                    }
                }
            })
    }
    var settings = NameServerSettings()
    settings.addresses = [ownLoopbackAddress()]
    settings.port = 15053
    settings.timeout = timeout
    settings.concurrency = concurrency
    settings.resolvConf = "/nonexistent"
    // The discard port of the loopback, where nobody listens.
    settings.forwardsTo = (silentFirst ? ["127.0.0.1:9"] : []) + ["\(upstream.host):\(UpstreamServer.port)"]
    let metrics = MetricsRegistry()
    let server = NameServer(settings, names: store, logger: quiet, metrics: NameMetrics(metrics))
    try await withRunning([server]) {
        let port = try #require(await server.boundPort())
        try await body(NameServerFixture(host: settings.addresses[0], port: port, upstream: upstream, metrics: metrics))
    }
}

/// A server that knows one address for all names: of `truncated…` it cuts the answer off over UDP, on `silent…` it
/// says nothing.
private final class UpstreamServer: Sendable {
    struct Question: Sendable {
        var name: String
        var isStream: Bool
    }

    private let state = Mutex<[Question]>([])
    private let channels: Mutex<[any Channel]> = Mutex([])
    static let port = 5353
    let host = ownLoopbackAddress()

    var questions: [Question] { state.withLock { $0 } }

    init() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let promise = group.next().makePromise(of: UpstreamServer.self)
        let datagrams = try await DatagramBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DatagramAnswers(promise.futureResult))
                }
            }.bind(host: host, port: Self.port).get()
        let streams = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(StreamAnswers(promise.futureResult))
                }
            }.bind(host: host, port: Self.port).get()
        channels.withLock { $0 = [datagrams, streams] }
        promise.succeed(self)
    }

    func close() { for channel in channels.withLock({ $0 }) { channel.close(promise: nil) } }

    /// Nil: nothing.
    func answer(_ bytes: [UInt8], isStream: Bool) -> [UInt8]? {
        guard let query = DNSQuery(bytes) else { return nil }
        state.withLock { $0.append(Question(name: query.name, isStream: isStream)) }
        if query.name.hasPrefix("silent") { return nil }
        var answer = DNSAnswer()
        answer.addresses = [[1, 2, 3, 4]]
        let isCut = query.name.hasPrefix("truncated") && !isStream
        return answer.message(for: query, limit: isCut ? 0 : nil)
    }
}

private final class DatagramAnswers: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private let server: EventLoopFuture<UpstreamServer>

    init(_ server: EventLoopFuture<UpstreamServer>) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        let channel = context.channel
        server.whenSuccess { server in
            guard let answer = server.answer(Array(envelope.data.readableBytesView), isStream: false) else { return }
            channel.writeAndFlush(
                AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: answer)), promise: nil)
        }
    }
}

private final class StreamAnswers: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let server: EventLoopFuture<UpstreamServer>
    private var pending = ByteBuffer()

    init(_ server: EventLoopFuture<UpstreamServer>) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        pending.writeImmutableBuffer(unwrapInboundIn(data))
        let channel = context.channel
        while let message = pending.readLengthPrefixedSlice(as: UInt16.self) {
            server.whenSuccess { server in
                guard let answer = server.answer(Array(message.readableBytesView), isStream: true) else { return }
                var framed = ByteBuffer(integer: UInt16(answer.count))
                framed.writeBytes(answer)
                channel.writeAndFlush(framed, promise: nil)
            }
        }
    }
}

/// One question over a socket of its own, and the first message that comes back.
enum DNSClient {
    static func exchange(host: String, port: Int, _ question: [UInt8], isStream: Bool) async throws -> [UInt8] {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: [UInt8].self)
        let initializer: @Sendable (any Channel) -> EventLoopFuture<Void> = { channel in
            channel.eventLoop.makeCompletedFuture {
                if !isStream { try channel.pipeline.syncOperations.addHandler(Contents()) }
                try channel.pipeline.syncOperations.addHandler(FirstMessage(promise, isStream: isStream))
            }
        }
        let channel =
            isStream
            ? try await ClientBootstrap(group: loop).channelInitializer(initializer)
                .connect(host: host, port: port).get()
            : try await DatagramBootstrap(group: loop).channelInitializer(initializer)
                .connect(host: host, port: port).get()
        let timeout = loop.scheduleTask(in: .seconds(60)) { promise.fail(NotSo("no answer")) }
        defer {
            timeout.cancel()
            channel.close(promise: nil)
        }
        let head = isStream ? [UInt8(question.count >> 8), UInt8(question.count & 0xFF)] : []
        try await channel.writeAndFlush(ByteBuffer(bytes: head + question))
        return try await promise.futureResult.get()
    }
}

/// What datagrams hold, without who sent them.
private final class Contents: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias InboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireChannelRead(wrapInboundOut(unwrapInboundIn(data).data))
    }
}

private final class FirstMessage: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let promise: EventLoopPromise<[UInt8]>
    private let isStream: Bool
    private var pending = ByteBuffer()

    init(_ promise: EventLoopPromise<[UInt8]>, isStream: Bool) {
        self.promise = promise
        self.isStream = isStream
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        pending.writeImmutableBuffer(unwrapInboundIn(data))
        if isStream {
            if let message = pending.readLengthPrefixedSlice(as: UInt16.self) {
                promise.succeed(Array(message.readableBytesView))
            }
        } else {
            promise.succeed(Array(pending.readableBytesView))
        }
    }
}
