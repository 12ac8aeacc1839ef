import EnvoyAPI
import MeshModel
import SwiftProtobuf
import Testing

@Suite("TLS between workloads is as the mesh settings say")
struct MeshTLSTests {
    private func contexts(_ meshConfig: String?) throws -> (
        server: Envoy_Extensions_TransportSockets_Tls_V3_CommonTlsContext,
        client: Envoy_Extensions_TransportSockets_Tls_V3_CommonTlsContext
    ) {
        var mesh = Mesh.bookinfo
        mesh.snapshot.settings = try policyMesh("", meshConfig: meshConfig).settings
        let resources = try mesh.resources(for: mesh.sidecar())
        let chain = try #require(resources.listener("virtualInbound")?.filterChains.first { $0.hasTransportSocket })
        let server = try Envoy_Extensions_TransportSockets_Tls_V3_DownstreamTlsContext(
            unpackingAny: chain.transportSocket.typedConfig)
        let cluster = try #require(resources.cluster("outbound|9080||reviews.default.svc.cluster.local"))
        let client = try #require(cluster.transportSocketMatches.first?.transportSocket.upstream)
        return (server.commonTlsContext, client.commonTlsContext)
    }

    @Test("By default: TLS 1.2 or newer, with strong ciphers")
    func byDefault() throws {
        let (server, client) = try contexts(nil)
        for side in [server, client] {
            #expect(side.tlsParams.tlsMinimumProtocolVersion == .tlsv12)
            #expect(side.tlsParams.tlsMaximumProtocolVersion == .tlsv13)
        }
        #expect(server.tlsParams.cipherSuites.contains("ECDHE-RSA-AES256-GCM-SHA384"))
        #expect(!server.tlsParams.cipherSuites.contains { $0.hasSuffix("-SHA") })
    }

    @Test("meshMTLS says otherwise, for servers and clients; tlsDefaults does not")
    func configured() throws {
        let (server, client) = try contexts(
            """
            meshMTLS:
              minProtocolVersion: TLSV1_3
              cipherSuites: [ECDHE-RSA-AES256-GCM-SHA384]
              ecdhCurves: [P-384]
            tlsDefaults: {minProtocolVersion: TLSV1_2, ecdhCurves: [P-256]}
            """)
        for side in [server, client] {
            #expect(side.tlsParams.tlsMinimumProtocolVersion == .tlsv13)
            #expect(side.tlsParams.cipherSuites == ["ECDHE-RSA-AES256-GCM-SHA384"])
            #expect(side.tlsParams.ecdhCurves == ["P-384"])
        }
    }

    @Test("Servers take certificates of the trust domain and its other names alone; clients expect who really serves")
    func identities() throws {
        var (server, client) = try contexts("{trustDomain: new, trustDomainAliases: [old]}")
        func names(_ context: Envoy_Extensions_TransportSockets_Tls_V3_CommonTlsContext) -> [String] {
            context.combinedValidationContext.defaultValidationContext.matchTypedSubjectAltNames.map {
                $0.matcher.exact + $0.matcher.prefix
            }
        }
        #expect(names(server) == ["spiffe://new/", "spiffe://old/"])
        #expect(
            names(client) == [
                "spiffe://new/ns/default/sa/bookinfo-reviews", "spiffe://old/ns/default/sa/bookinfo-reviews",
            ])
        (server, client) = try contexts("{}")
        #expect(names(server) == ["spiffe://cluster.local/"])
        #expect(names(client) == ["spiffe://cluster.local/ns/default/sa/bookinfo-reviews"])
    }
}
