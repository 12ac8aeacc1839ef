import DiscoveryAPI
import EnvoyAPI
import SwiftProtobuf
import Testing
import XDSServer

@testable import DiscoveryServer

/// Delta streams over a loopback connection.
@Suite struct DeltaServiceTests {
    @Test func subscribesAcknowledgesAndFollows() async throws {
        try await withServer(clusters(cluster("a"), cluster("b"))) { server in
            try await withDelta(port: server.port) { stream in
                stream.send(.subscribe(.cluster))
                let first = try await stream.receive()
                #expect(first.names == ["a", "b"])
                #expect(try Envoy_Config_Cluster_V3_Cluster(unpackingAny: first.resources[0].resource).name == "a")
                #expect(first.controlPlane.identifier == "test-server")
                stream.send(.accept(first))

                try server.source.update {
                    $0.apply(.cluster, updates: [try cluster("b", statName: "changed")], removals: ["a"])
                }
                let second = try await stream.receive()
                #expect(second.names == ["b"])
                #expect(second.removedResources == ["a"])
                #expect(second.resources[0].version != first.resources[1].version)
                #expect(second.nonce != first.nonce)
                stream.send(.accept(second))

                try await eventually("all is acknowledged") {
                    server.connections.first?.status.types.first?.acknowledged?.nonce == second.nonce
                }
            }
        }
    }

    @Test func tellsWhoIsConnected() async throws {
        try await withServer(clusters(cluster("a"))) { server in
            try await withDelta(port: server.port) { stream in
                stream.send(.subscribe(.cluster))
                stream.send(.accept(try await stream.receive()))
                try await eventually("the client is in sync") { server.connections.first?.status.isSynced ?? false }

                let connection = try #require(server.service.streams.connections(versionsOf: [.cluster]).first)
                #expect(connection.peer.hasPrefix("ipv4:127.0.0.1:"))
                #expect(connection.node?.id == testNode.id)
                #expect(connection.node?.version == "1.29.0")
                #expect(connection.node?.locality.region == "here")
                #expect(
                    connection.node.map {
                        String(decoding: $0.metadata, as: UTF8.self).contains("\"NAMESPACE\":\"default\"")
                    }
                        ?? false)
                #expect(connection.held[.cluster] == ["a": try cluster("a").version])
                #expect(server.metric("pilot_xds{version=\"1.29.0\"}") == 1)
                #expect(server.metric("pilot_xds_pushes{type=\"cds\"}") == 1)
            }
            try await eventually("nobody is connected") { server.connections.isEmpty }
            #expect(server.metric("pilot_xds{version=\"1.29.0\"}") == 0)
            #expect(server.source.followers == 0)
        }
    }

    @Test func keepsWhatIsRefusedOutAndServesTheRest() async throws {
        try await withServer(clusters(cluster("a"), cluster("bad"))) { server in
            try await withDelta(port: server.port) { stream in
                stream.send(.subscribe(.cluster))
                var accepted: [String] = []
                var refusals = 0
                // The response is halved until the bad one stands alone.
                while accepted != ["a"] || refusals < 2 {
                    let response = try await stream.receive()
                    if response.names.contains("bad") {
                        refusals += 1
                        stream.send(.refuse(response, "no such thing"))
                    } else {
                        accepted += response.names
                        stream.send(.accept(response))
                    }
                }
                try await eventually("the bad one is known") {
                    server.connections.first?.status.types.first?.quarantined == ["bad"]
                }
                #expect(server.connections.first?.status.types.first?.state == .rejected)
                #expect(server.connections.first?.status.types.first?.rejection?.message == "no such thing")
                #expect(server.metric(#"pilot_total_xds_rejects{type="cds"}"#) == Double(refusals))
                let refusing = #"pilot_xds_cds_reject{err="Internal",node="\#(testNode.id)"}"#
                #expect(server.metric(refusing) == 1)

                try server.source.update { $0.apply(.cluster, updates: [try cluster("bad", statName: "mended")]) }
                let mended = try await stream.receive()
                #expect(mended.names == ["bad"])
                stream.send(.accept(mended))
                try await eventually("nothing is refused any more") { server.metric(refusing) == nil }
            }
        }
    }

    @Test func aRefusalIsNoneAnyMoreOnceTheClientIsGone() async throws {
        try await withServer(clusters(cluster("bad"))) { server in
            let refusing = #"pilot_xds_cds_reject{err="Internal",node="\#(testNode.id)"}"#
            try await withDelta(port: server.port) { stream in
                stream.send(.subscribe(.cluster))
                stream.send(.refuse(try await stream.receive(), "no such thing"))
                try await eventually("it is refused") { server.metric(refusing) == 1 }
            }
            try await eventually("nobody refuses anything") { server.metric(refusing) == nil }
            #expect(server.metric(#"pilot_total_xds_rejects{type="cds"}"#) == 1)
        }
    }

    @Test func itIsToldHowLongChangesTake() async throws {
        try await withServer(clusters(cluster("a"))) { server in
            let counts = ["pilot_proxy_queue_time_count", "pilot_proxy_convergence_time_count"]
            try await withDelta(port: server.port) { stream in
                stream.send(.subscribe(.cluster))
                stream.send(.accept(try await stream.receive()))
                try await eventually("the client is in sync") { server.connections.first?.status.isSynced ?? false }
                for count in counts { #expect(server.metric(count) == 0, "what it came for is no change") }
                // Nobody asked for this.
                try server.source.update { $0.apply(.secret, updates: [try cluster("unwanted")]) }
                try server.source.update { $0.apply(.cluster, updates: [try cluster("b")]) }
                let second = try await stream.receive()
                // While there is no answer nothing more is sent, but it is due.
                try server.source.update { $0.apply(.cluster, updates: [try cluster("c")]) }
                try server.source.update { $0.apply(.cluster, updates: [try cluster("d")]) }
                stream.send(.accept(second))
                stream.send(.accept(try await stream.receive()))
                try await eventually("the client is in sync") { server.connections.first?.status.isSynced ?? false }
                try await eventually("it is told") { server.metric(counts[1]) ?? 0 >= 1 }
                for count in counts { #expect((1...2).contains(server.metric(count) ?? 0)) }
            }
        }
    }

    @Test func answersToOlderResponsesAreCounted() async throws {
        try await withServer(clusters(cluster("a"))) { server in
            try await withDelta(port: server.port) { stream in
                stream.send(.subscribe(.cluster))
                var old = try await stream.receive()
                stream.send(.accept(old))
                old.nonce = "from-another-stream"
                stream.send(.accept(old))
                try await eventually("it is counted") { server.metric("pilot_xds_expired_nonce{type=\"cds\"}") == 1 }
            }
        }
    }
}
