import DiscoveryAPI
import DiscoveryServer
import EnvoyAPI
import EnvoyTesting
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Logging
import Observability
import SwiftProtobuf
import Testing
import XDSServer

@testable import DNSProxy
@testable import XDSRelay

/// The agent's own subscription rides on the proxy's stream, over real gRPC.
@Suite struct RelayNamesTests {
    private typealias Request = Envoy_Service_Discovery_V3_DeltaDiscoveryRequest

    @Test func namesArriveAndAreNotTheProxys() async throws {
        try await withFolder { folder in
            let table = Istio_Networking_Nds_V1_NameTable.with {
                $0.table["a.example.com"] = .with { $0.ips = ["10.0.0.1"] }
            }
            let source = StaticSource(
                ResourceCache([
                    .nameTable: ResourceSnapshot([Resource(name: "names", body: try table.serializedBytes())]),
                    .cluster: ResourceSnapshot([.model("c", "1")]),
                ]))
            let service = AggregatedDiscoveryService(source: source, logger: quiet)
            let server = DiscoveryServer(service, address: .ipv4(host: "127.0.0.1", port: 0), logger: quiet)
            try await withRunning([server]) {
                let port = try await server.boundPort ?? 0
                var settings = DiscoveryRelaySettings(address: "127.0.0.1:\(port)")
                settings.security = .plaintext
                settings.tokenFile = nil
                settings.socketPath = "\(folder.path)/xds"
                let names = NameTableStore(namespace: "default")
                let metrics = MetricsRegistry()
                let relay = DiscoveryRelay(settings, names: names, logger: quiet, metrics: RelayMetrics(metrics))
                try await withRunning([relay]) {
                    try await relay.listening()
                    let transport = try HTTP2ClientTransport.Posix(
                        target: .unixDomainSocket(path: settings.socketPath), transportSecurity: .plaintext)
                    try await withGRPCClient(transport: transport) { client in
                        let (requests, ask) = AsyncStream.makeStream(of: Request.self)
                        ask.yield(
                            .with {
                                $0.node.id = "proxy"
                                $0.typeURL = TypeURL.cluster.rawValue
                            })
                        try await ControlPlaneStub(wrapping: client).deltaAggregatedResources { writer in
                            for await request in requests { try await writer.write(request) }
                        } onResponse: { response in
                            defer { ask.finish() }
                            var responses = response.messages.makeAsyncIterator()
                            let first = try #require(try await responses.next())
                            #expect(first.typeURL == TypeURL.cluster.rawValue)
                            #expect(first.resources.map(\.name) == ["c"])
                            ask.yield(
                                .with {
                                    $0.typeURL = TypeURL.cluster.rawValue
                                    $0.responseNonce = first.nonce
                                })
                            try await soon("names are there") { names.table.hosts["a.example.com"] != nil }
                            try await soon("all is acknowledged") {
                                service.streams.connections().first?.status.isSynced ?? false
                            }
                            let status = service.streams.connections().first?.status
                            #expect(status?.types.map(\.typeURL) == [.cluster, .nameTable])
                            // A change of names alone is nothing to the proxy: a cluster comes next.
                            source.update {
                                $0.replace(.nameTable, with: [])
                                $0.apply(.cluster, updates: [.model("d", "1")])
                            }
                            let second = try #require(try await responses.next())
                            #expect(second.resources.map(\.name) == ["d"])
                        }
                    }
                    try await soon("the proxy is gone") { relay.status.proxies == 0 && relay.status.connected == 0 }
                    let text = metrics.prometheusText()
                    #expect(text.contains("envoy_connection_terminations{type=\"cancelled\"} 1"))
                    #expect(text.contains("envoy_connection_terminations{type=\"error\"} 0"))
                    #expect(text.contains("xds_proxy_responses 2"))
                }
            }
        }
    }
}
