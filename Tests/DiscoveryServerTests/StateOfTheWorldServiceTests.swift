import DiscoveryAPI
import EnvoyAPI
import SwiftProtobuf
import Testing
import XDSServer

@testable import DiscoveryServer

/// State-of-the-world streams over a loopback connection.
@Suite struct StateOfTheWorldServiceTests {
    @Test func subscribesAcknowledgesAndFollows() async throws {
        try await withServer(clusters(cluster("a"), cluster("b"))) { server in
            try await withWhole(port: server.port) { stream in
                stream.send(.subscribe(.cluster))
                let first = try await stream.receive()
                #expect(try first.clusterNames == ["a", "b"])
                #expect(first.controlPlane.identifier == "test-server")
                stream.send(.accept(first))

                server.source.update { $0.apply(.cluster, removals: ["a"]) }
                let second = try await stream.receive()
                #expect(try second.clusterNames == ["b"])
                #expect(second.versionInfo != first.versionInfo)
                stream.send(.accept(second))
                try await eventually("the client is in sync") { server.connections.first?.status.isSynced ?? false }
            }
        }
    }

    @Test func aRefusedVersionIsNotSentAgain() async throws {
        try await withServer(clusters(cluster("a"))) { server in
            try await withWhole(port: server.port) { stream in
                stream.send(.subscribe(.cluster))
                let good = try await stream.receive()
                stream.send(.accept(good))
                try server.source.update { $0.apply(.cluster, updates: [try cluster("a", statName: "bad")]) }
                let bad = try await stream.receive()
                stream.send(.refuse(bad, holding: good.versionInfo, "no such thing"))
                try await eventually("the refusal is known") {
                    server.metric(#"pilot_total_xds_rejects{type="cds"}"#) == 1
                }
                #expect(server.connections.first?.status.types.first?.acknowledged?.nonce == good.nonce)

                try server.source.update { $0.apply(.cluster, updates: [try cluster("a", statName: "mended")]) }
                let mended = try await stream.receive()
                #expect(mended.versionInfo != bad.versionInfo)
                stream.send(.accept(mended))
                try await eventually("the client is in sync") { server.connections.first?.status.isSynced ?? false }
            }
        }
    }

    @Test func namedResourcesComeByName() async throws {
        let routes = try ["x", "y"].map { name in
            Resource(
                name: name, body: try Envoy_Config_Route_V3_RouteConfiguration.with { $0.name = name }.stableBytes())
        }
        try await withServer(ResourceCache([.route: ResourceSnapshot(routes)])) { server in
            try await withWhole(port: server.port) { stream in
                stream.send(.subscribe(.route, ["y"]))
                let one = try await stream.receive()
                #expect(one.resources.count == 1)
                stream.send(.accept(one, ["y", "x"]))
                let both = try await stream.receive()
                let names = try both.resources.map {
                    try Envoy_Config_Route_V3_RouteConfiguration(unpackingAny: $0).name
                }
                #expect(names.contains("x"))
            }
        }
    }
}
