import DiscoveryAPI
import EnvoyAPI
import GRPCCore
import GRPCProtobuf
import NIOCore
import NIOPosix
import SwiftProtobuf
import Testing
import XDSServer

@testable import DiscoveryServer

/// Clients that misbehave are cut off, and cost little until then.
@Suite(.serialized) struct LimitTests {
    @Test func aClientWithoutANameIsRefused() async throws {
        try await withServer { server in
            let end = try await withDelta(port: server.port) { stream in
                stream.send(.subscribe(.cluster, node: false))
                return await stream.end()
            }
            #expect(end?.code == .invalidArgument)
            #expect(end?.message.contains("node id") ?? false)
        }
    }

    @Test func anEndlessNameIsRefused() async throws {
        try await withServer { server in
            let end = try await withWhole(port: server.port) { stream in
                stream.send(.subscribe(.route, [String(repeating: "n", count: 10_000)]))
                return await stream.end()
            }
            #expect(end?.code == .invalidArgument)
            #expect(end?.message.contains("10000 bytes") ?? false)
        }
    }

    @Test func aClientThatFloodsIsClosed() async throws {
        var limits = shortLimits()
        limits.stream.requestBurst = 50
        try await withServer(clusters(cluster("a")), limits: limits) { server in
            let end = try await withDelta(port: server.port) { stream in
                for number in 0..<1000 { stream.send(.subscribe(.cluster, ["\(number)"])) }
                return await stream.end()
            }
            #expect(end?.code == .resourceExhausted)
        }
    }

    @Test func rubbishEndsItsStreamAlone() async throws {
        try await withServer(clusters(cluster("a"))) { server in
            try await withDelta(port: server.port) { stream in
                stream.send(.subscribe(.cluster))
                stream.send(.accept(try await stream.receive()))
                let end = try await withClient(port: server.port) { stub in
                    try await stub.deltaAggregatedResources(
                        request: StreamingClientRequest { try await $0.write(DeltaRequest()) },
                        serializer: Rubbish(), deserializer: ProtobufDeserializer<DeltaResponse>(), options: .defaults
                    ) { response in
                        do {
                            for try await _ in response.messages {}
                            return RPCError?.none
                        } catch {
                            return error as? RPCError
                        }
                    }
                }
                #expect(end?.code == .invalidArgument)
                server.source.update { $0.apply(.cluster, removals: ["a"]) }
                let response = try await stream.receive()
                #expect(response.removedResources == ["a"])
            }
        }
    }

    @Test func aClientThatNeverAnswersIsClosed() async throws {
        try await withServer(clusters(cluster("a")), limits: shortLimits(acknowledgement: .milliseconds(300))) {
            server in
            let start = ContinuousClock.now
            let end = try await withDelta(port: server.port) { stream in
                stream.send(.subscribe(.cluster))
                _ = try await stream.receive()
                return await stream.end()
            }
            #expect(end?.code == .deadlineExceeded)
            #expect(ContinuousClock.now - start >= .milliseconds(300))
            try await eventually("the stream is gone") { server.connections.isEmpty }
        }
    }

    /// The streams of one that answers go on while others are cut off.
    @Test func stoppedClientsAreClosedAndCostLittle() async throws {
        let limits = shortLimits(acknowledgement: .seconds(6))
        try await withServer(clusters(cluster("a", bytes: 1 << 20)), limits: limits) { server in
            let before = residentBytes()
            try await withThrowingTaskGroup(of: RPCError?.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await withDelta(port: server.port) { stream in
                            stream.send(.subscribe(.cluster))
                            // Reads nothing while the server has something new all the time.
                            try await eventually("the server gave up") {
                                server.metric("pilot_xds_write_timeout") == 20
                            }
                            return await stream.end()
                        }
                    }
                }
                try await eventually("all have a response under way") {
                    server.metric("pilot_xds_pushes{type=\"cds\"}") == 20
                }
                for round in 0..<100 {
                    try server.source.update {
                        $0.apply(.cluster, updates: [try cluster("a", statName: "\(round)", bytes: 1 << 20)])
                    }
                }
                // 20 streams, a response of 1 MiB each, at the server and on its way in the client.
                var most = 0
                try await eventually("all are cut off") {
                    most = max(most, residentBytes() - before)
                    return server.connections.isEmpty
                }
                #expect(most < 150 << 20, "\(most >> 20) MiB")
                #expect(server.metric("pilot_xds_pushes{type=\"cds\"}") == 20)
                for try await end in group { #expect(end != nil) }
            }
            #expect(server.connections.isEmpty)
            try await eventually("their connections are gone") { server.service.connections.count == 0 }
        }
    }

    @Test func oneStreamTooManyIsRefused() async throws {
        var limits = shortLimits()
        limits.streams = 1
        try await withServer(clusters(cluster("a")), limits: limits) { server in
            try await withDelta(port: server.port) { stream in
                stream.send(.subscribe(.cluster))
                let first = try await stream.receive()
                let end = try await withDelta(port: server.port) { second in
                    second.send(.subscribe(.cluster))
                    return await second.end()
                }
                #expect(end?.code == .resourceExhausted)
                stream.send(.accept(first))
                try await eventually("the first goes on") { server.connections.first?.status.isSynced ?? false }
            }
        }
    }

    @Test func oneConnectionTooManyIsClosed() async throws {
        var limits = shortLimits()
        limits.connections = 1
        try await withServer(clusters(cluster("a")), limits: limits) { server in
            try await withDelta(port: server.port) { stream in
                stream.send(.subscribe(.cluster))
                stream.send(.accept(try await stream.receive()))
                for _ in 0..<3 {
                    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                        .connect(host: "127.0.0.1", port: server.port).get()
                    try await channel.closeFuture.get()
                }
                // The first is served, and the listener lives.
                server.source.update { $0.apply(.cluster, removals: ["a"]) }
                let response = try await stream.receive()
                #expect(response.removedResources == ["a"])
            }
            try await eventually("the first is gone") { server.service.connections.count == 0 }
            let names = try await withDelta(port: server.port) { stream in
                stream.send(.subscribe(.cluster))
                return try await stream.receive().names
            }
            #expect(names.isEmpty)
        }
    }

    @Test func aConnectionThatSaysNothingIsClosed() async throws {
        var limits = shortLimits()
        limits.firstStreamTimeout = .seconds(3)
        try await withServer(clusters(cluster("a")), limits: limits) { server in
            try await withDelta(port: server.port) { stream in
                stream.send(.subscribe(.cluster))
                stream.send(.accept(try await stream.receive()))
                let silentOne = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connect(host: "127.0.0.1", port: server.port).get()
                try await silentOne.closeFuture.get()
                // The one that has a stream stays.
                server.source.update { $0.apply(.cluster, removals: ["a"]) }
                let response = try await stream.receive()
                #expect(response.removedResources == ["a"])
            }
        }
    }

    /// The connection stays, and with it another stream.
    @Test func aCallThatIsGivenUpEndsItsStreamAlone() async throws {
        try await withServer(clusters(cluster("a"))) { server in
            try await withClient(port: server.port) { stub in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<2 { group.addTask { try await self.keepOpen(stub) } }
                    try await eventually("both are served") { server.connections.count == 2 }
                    #expect(server.service.connections.count == 1)
                    let givenUp = Task { try await self.keepOpen(stub) }
                    try await eventually("a third is served") { server.connections.count == 3 }
                    givenUp.cancel()
                    try await eventually("the third is gone") { server.connections.count == 2 }
                    #expect(server.service.connections.count == 1)
                    group.cancelAll()
                    while await group.nextResult() != nil {}
                }
            }
            try await eventually("all are gone") { server.connections.isEmpty }
        }
    }

    /// A stream that asks once and then waits for ever.
    private func keepOpen(_ stub: DiscoveryStub) async throws {
        try await stub.deltaAggregatedResources { writer in
            try await writer.write(.subscribe(.cluster))
            try await Task.sleep(for: .seconds(3600))
        } onResponse: { response in
            for try await _ in response.messages {}
        }
    }

    @Test func aStreamEndsAtItsAge() async throws {
        var limits = shortLimits()
        limits.stream.maximumAge = .seconds(2)
        try await withServer(clusters(cluster("a")), limits: limits) { server in
            let end = try await withDelta(port: server.port) { stream in
                stream.send(.subscribe(.cluster))
                stream.send(.accept(try await stream.receive()))
                return await stream.end()
            }
            #expect(end?.code == .unavailable)
        }
    }
}

/// Bytes that are no message.
private struct Rubbish: MessageSerializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: DeltaRequest) -> Bytes { Bytes([0xff, 0xff, 0xff]) }
}

/// What the process has in memory.
private func residentBytes() -> Int { ProcessMemoryReader.resident() }
