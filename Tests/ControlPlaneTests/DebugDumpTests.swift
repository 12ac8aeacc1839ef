import Authentication
import ControlPlane
import DebugPages
import DiscoveryAPI
import DiscoveryServer
import EnvoyAPI
import FoundationEssentials
import GRPCCore
import SwiftProtobuf
import Testing
import XDSServer

/// What a proxy is to have, as istioctl asks for it to compare it with what an Envoy has.
@Suite struct DebugDumpTests {
    private static let site = DebugSite(revision: "default", namespace: "istio-system", identity: "istiod-1")

    /// Passes questions on as the control plane's own.
    private struct Anybody: QuestionAnswering {
        var questions: DebugQuestions

        func answers(_ typeURL: TypeURL) -> Bool { questions.answers(typeURL) }

        func answer(_ question: DiscoveryQuestion) async throws -> DiscoveryAnswer {
            var question = question
            question.client.identity = PeerIdentity(names: ["spiffe://cluster.local/ns/istio-system/sa/istiod"])
            return try await questions.answer(question)
        }
    }

    private static func cache() throws -> ResourceCache {
        func resource<Body: Message>(_ name: String, _ body: Body) throws -> Resource {
            Resource(name: name, body: try body.stableBytes())
        }
        let cluster = Envoy_Config_Cluster_V3_Cluster.with { $0.name = "outbound|80||a.example" }
        let listener = Envoy_Config_Listener_V3_Listener.with {
            $0.name = "0.0.0.0_80"
            $0.statPrefix = "plain"
        }
        let secret = Envoy_Extensions_TransportSockets_Tls_V3_Secret.with {
            $0.name = "kubernetes://credential"
            $0.tlsCertificate.privateKey.inlineString = "the private key"
        }
        // Somebody's filter put a key into it.
        let leaky = Envoy_Config_Cluster_V3_Cluster.with {
            $0.name = "leaky"
            $0.transportSocket.name = "envoy.transport_sockets.tls"
            $0.transportSocket.typedConfig = .with {
                $0.typeURL = Envoy_Extensions_TransportSockets_Tls_V3_UpstreamTlsContext.typeURL
                $0.value = Data(
                    (try? Envoy_Extensions_TransportSockets_Tls_V3_UpstreamTlsContext.with {
                        $0.commonTlsContext.tlsCertificates = [
                            .with { $0.privateKey.inlineString = "the private key" }
                        ]
                    }.stableBytes()) ?? [])
            }
        }
        return ResourceCache([
            .cluster: ResourceSnapshot([try resource(cluster.name, cluster), try resource(leaky.name, leaky)]),
            .listener: ResourceSnapshot([try resource(listener.name, listener)]),
            .secret: ResourceSnapshot([try resource(secret.name, secret)]),
        ])
    }

    /// Answers a question about a proxy while that one is connected.
    private func asked(
        _ names: [String], _ body: @Sendable @escaping ([TestProxy.Response]) async throws -> Void = { _ in }
    ) async throws {
        let debugging = ControlPlaneDebugging(site: Self.site, now: { .now })
        let cache = try Self.cache()
        try await withDiscovery(
            StaticSource(cache), questions: Anybody(questions: DebugQuestions(debugging, site: Self.site))
        ) { service, port in
            debugging.open(
                MadeUpState(streams: service.streams, cache: cache),
                access: DebugAccess(tokens: FakeReviews(), access: FakeReviews()),
                certificate: try TestMesh().serving.http)
            try await TestProxy.connect(port: port, [TestProxy.request(.cluster)]) { _ in
                try await TestProxy.connect(
                    port: port, [TestProxy.request(.debugConfigDump, names, id: "debug~~istioctl~")], body: body)
            }
        }
    }

    @Test func istioctlGetsThePartsOfADump() async throws {
        try await asked(["reviews-1.default"]) { responses in
            let response = try #require(responses.first)
            #expect(response.typeURL == "istio.io/debug/config_dump")
            #expect(
                response.resources.map { $0.typeURL.split(separator: ".").last } == [
                    "ListenersConfigDump", "ClustersConfigDump", "RoutesConfigDump", "EndpointsConfigDump",
                    "SecretsConfigDump", "EcdsConfigDump",
                ])
            let listeners = try Envoy_Admin_V3_ListenersConfigDump(unpackingAny: response.resources[0])
            let listener = try #require(listeners.dynamicListeners.first)
            #expect(listener.name == "0.0.0.0_80")
            let state = try Envoy_Config_Listener_V3_Listener(unpackingAny: listener.activeState.listener)
            #expect(state.statPrefix == "plain")
            let clusters = try Envoy_Admin_V3_ClustersConfigDump(unpackingAny: response.resources[1])
                .dynamicActiveClusters
            #expect(clusters.allSatisfy { !$0.versionInfo.isEmpty })
            let names = try clusters.map { try Envoy_Config_Cluster_V3_Cluster(unpackingAny: $0.cluster).name }
            #expect(Set(names) == ["outbound|80||a.example", "leaky"])
            let secrets = try Envoy_Admin_V3_SecretsConfigDump(unpackingAny: response.resources[4])
                .dynamicActiveSecrets
            #expect(secrets.map(\.name) == ["kubernetes://credential"])
            let bytes = Array(try response.serializedData())
            #expect(!String(decoding: bytes, as: UTF8.self).contains("the private key"))
        }
    }

    @Test func oneProxyHasToBeNamedAndThere() async throws {
        let questions: [([String], RPCError.Code)] = [
            ([], .invalidArgument), (["a.default", "b.default"], .invalidArgument), (["a.b"], .notFound),
        ]
        for (names, code) in questions {
            let error = await #expect(throws: RPCError.self) { try await asked(names) }
            #expect(error?.code == code)
        }
    }
}
