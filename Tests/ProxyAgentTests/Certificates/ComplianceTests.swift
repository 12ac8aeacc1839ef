import CertificateAuthority
import DiscoveryServer
import EnvoyTesting
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import KubernetesModel
import NIOCore
import NIOSSL
import Testing
import XDSServer

@testable import WorkloadCredentials

/// The agent's calls of the control plane under a policy, over real TLS.
@Suite struct ComplianceTests {
    /// A server that takes less than others.
    struct Server: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var limit: @Sendable (inout TLSConfiguration) -> Void
        /// The policies of clients that reach it.
        var isReached: Set<CompliancePolicy>

        static let all = [
            Server(testDescription: "any", limit: { _ in }, isReached: Set(CompliancePolicy.allCases)),
            Server(
                testDescription: "TLS 1.2", limit: { $0.maximumTLSVersion = .tlsv12 },
                isReached: [.fips1402, .fips1403]),
            Server(
                testDescription: "TLS 1.3", limit: { $0.minimumTLSVersion = .tlsv13 },
                isReached: [.fips1403, .postQuantum]),
            Server(
                testDescription: "X25519", limit: { $0.curves = [NIOTLSCurve(rawValue: 29)] }, isReached: []),
        ]
    }

    @Test(arguments: CompliancePolicy.allCases, Server.all)
    func reachesThoseWhoComply(_ policy: CompliancePolicy, _ kind: Server) async throws {
        let material = try SelfSignedRoot().material(now: .now)
        let certificate = try material.serverCertificate(
            names: [TestAuthorityServer.name], lifetime: .seconds(3600), now: .now)
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(certificate.certificateChainPEM.utf8))
                .map { .certificate($0) },
            privateKey: .privateKey(
                try NIOSSLPrivateKey(bytes: Array(certificate.privateKey.revealed.utf8), format: .pem)))
        tls.applicationProtocols = ["h2"]
        kind.limit(&tls)
        let server = DiscoveryServer(
            AggregatedDiscoveryService(source: StaticSource(), logger: quiet),
            address: .ipv4(host: "127.0.0.1", port: 0), security: .tls(try FixedTLSContext(tls)), logger: quiet)
        try await withFolder { folder in
            let roots = try folder.write(material.rootCertificatePEM, to: "root.pem")
            try await withRunning([server]) {
                let port = try #require(try await server.boundPort)
                let endpoint = ControlPlaneEndpoint(
                    address: "127.0.0.1:\(port)", serverName: TestAuthorityServer.name, rootFile: roots,
                    clusterID: "", compliance: policy)
                let client = CertificateAuthorityClient(endpoint: endpoint, timeout: .seconds(60))
                let request = try CertificateRequest(spiffeID: workloadID)
                let error = await #expect(throws: RPCError.self) {
                    _ = try await client.certificate(for: request, lifetime: .seconds(60))
                }
                // Whoever is reached answers that he signs nothing.
                #expect(error?.code == (kind.isReached.contains(policy) ? .unimplemented : .unavailable))
            }
        }
    }

    /// The server's name still counts, and so does who vouches for it.
    @Test func verifiesTheServer() async throws {
        try await withFolder { folder in
            let fixture = try AuthorityFixture(folder)
            try await withRunning([fixture.server]) {
                var settings = try await fixture.settings().authority
                settings.compliance = .fips1403
                let request = try CertificateRequest(spiffeID: workloadID)
                func issued(_ settings: CertificateAuthoritySettings) async throws -> Int {
                    try await CertificateAuthorityClient(endpoint: settings.endpoint, timeout: .seconds(60))
                        .certificate(for: request, lifetime: .seconds(60)).chain.count
                }
                #expect(try await issued(settings) > 0)
                var other = settings
                other.serverName = "istiod.elsewhere.svc"
                await #expect(throws: RPCError.self) { _ = try await issued(other) }
                other = settings
                other.rootFile = try folder.write(
                    try SelfSignedRoot().material(now: .now).rootCertificatePEM, to: "stranger.pem")
                await #expect(throws: RPCError.self) { _ = try await issued(other) }
            }
        }
    }
}
