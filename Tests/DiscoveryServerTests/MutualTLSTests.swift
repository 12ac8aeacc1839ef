import DiscoveryAPI
import EnvoyAPI
import EnvoyTesting
import GRPCCore
import Testing
import XDSServer

@testable import DiscoveryServer

/// Who is on the other side of a mutual TLS connection.
@Suite struct MutualTLSTests {
    private static let name = "spiffe://cluster.local/ns/default/sa/bookinfo"

    @Test func theCertificateSaysWhoItIs() async throws {
        let authority = try TestAuthority()
        try await withServer(
            clusters(cluster("a")), limits: shortLimits(), security: authority.server(),
            authenticator: CertificatePeers()
        ) { server in
            try await withDelta(port: server.port, security: authority.client([Self.name])) { stream in
                stream.send(.subscribe(.cluster))
                let response = try await stream.receive()
                #expect(response.names == ["a"])
                #expect(server.connections.first?.identity.names == [Self.name])
            }
        }
    }

    @Test func aCertificateThatNamesNobodyIsRefused() async throws {
        let authority = try TestAuthority()
        try await withServer(
            limits: shortLimits(), security: authority.server(), authenticator: CertificatePeers()
        ) { server in
            let error = await #expect(throws: RPCError.self) {
                try await withDelta(port: server.port, security: authority.client([])) { stream in
                    stream.send(.subscribe(.cluster))
                    if let error = await stream.end() { throw error }
                }
            }
            #expect(error?.code == .unauthenticated)
            #expect(server.connections.isEmpty)
        }
    }

    @Test(arguments: [true, false]) func strangersDoNotGetIn(_ hasCertificate: Bool) async throws {
        let authority = try TestAuthority()
        let stranger = try hasCertificate ? TestAuthority().client([Self.name]) : authority.anonymousClient()
        try await withServer(
            clusters(cluster("a")), limits: shortLimits(), security: authority.server(),
            authenticator: CertificatePeers()
        ) { server in
            let error = await #expect(throws: RPCError.self) {
                try await withDelta(port: server.port, security: stranger) { stream in
                    stream.send(.subscribe(.cluster))
                    _ = try await stream.receive()
                }
            }
            #expect(error?.code == .unavailable)
            #expect(server.connections.isEmpty)
        }
    }
}
