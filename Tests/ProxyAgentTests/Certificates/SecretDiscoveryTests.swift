import AgentRuntime
import CertificateAuthority
import DiscoveryAPI
import EnvoyAPI
import EnvoyTesting
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Observability
import SwiftProtobuf
import Testing
import XDSServer

@testable import WorkloadCredentials

private typealias Stub = Envoy_Service_Secret_V3_SecretDiscoveryService.Client<HTTP2ClientTransport.Posix>
private typealias Secret = Envoy_Extensions_TransportSockets_Tls_V3_Secret

/// Secrets over the real socket.
@Suite struct SecretDiscoveryTests {
    @Test func stateOfTheWorld() async throws {
        try await withSecrets { certificates, folder in
            try await withStub(folder) { stub in
                let (requests, ask) = AsyncStream.makeStream(of: Envoy_Service_Discovery_V3_DiscoveryRequest.self)
                ask.yield(.with { $0.resourceNames = ["default"] })
                try await stub.streamSecrets { writer in
                    for await request in requests { try await writer.write(request) }
                } onResponse: { response in
                    defer { ask.finish() }
                    var responses = response.messages.makeAsyncIterator()
                    // Asked for before there is one.
                    try AuthorityFixture.provide(certificates, "first")
                    let first = try #require(try await responses.next())
                    let secret = try Secret(serializedBytes: try #require(first.resources.first).value)
                    #expect(first.resources.count == 1)
                    #expect(secret.name == "default")
                    let current = try #require(certificates.current)
                    #expect(secret.tlsCertificate.certificateChain.inlineBytes == Data(current.chainPEM.utf8))
                    #expect(secret.tlsCertificate.privateKey.inlineBytes == Data(current.privateKey.revealed.utf8))

                    ask.yield(
                        .with {
                            $0.resourceNames = ["default"]
                            $0.responseNonce = first.nonce
                            $0.versionInfo = first.versionInfo
                        })
                    try AuthorityFixture.provide(certificates, "second")
                    let second = try #require(try await responses.next())
                    #expect(second.versionInfo != first.versionInfo)
                }
            }
        }
    }

    @Test func countsWhatItGives() async throws {
        let metrics = MetricsRegistry()
        try await withSecrets(metrics) { certificates, folder in
            try AuthorityFixture.provide(certificates, "first")
            try await withStub(folder) { stub in
                let (requests, ask) = AsyncStream.makeStream(of: Envoy_Service_Discovery_V3_DiscoveryRequest.self)
                ask.yield(
                    .with {
                        $0.node.metadata.fields["ISTIO_VERSION"] = .init(stringValue: "1.2.3")
                        $0.resourceNames = ["default"]
                    })
                try await stub.streamSecrets { writer in
                    for await request in requests { try await writer.write(request) }
                } onResponse: { response in
                    defer { ask.finish() }
                    var responses = response.messages.makeAsyncIterator()
                    let first = try #require(try await responses.next())
                    ask.yield(
                        .with {
                            $0.resourceNames = ["default"]
                            $0.responseNonce = first.nonce
                            $0.errorDetail.message = "not of use"
                        })
                    let lines = [
                        "# TYPE pilot_xds gauge\npilot_xds{version=\"1.2.3\"} 1\n",
                        "# TYPE pilot_xds_pushes counter\npilot_xds_pushes{type=\"sds\"} 1\n",
                        "pilot_xds_send_time_count 1\n",
                        "pilot_total_xds_rejects{type=\"\(TypeURL.secret.rawValue)\"} 1\n",
                    ]
                    try await soon("it is counted") { lines.allSatisfy(metrics.prometheusText().contains) }
                }
            }
            try await soon("the proxy is gone") {
                metrics.prometheusText().contains("pilot_xds{version=\"1.2.3\"} 0\n")
            }
        }
    }

    @Test func deltaAndFiles() async throws {
        try await withSecrets { certificates, folder in
            try AuthorityFixture.provide(certificates, "first")
            let path = "\(folder.path)/roots.pem"
            let name = "file-root:\(path)"
            let (one, two) = (try SelfSignedRoot().material(now: .now), try SelfSignedRoot().material(now: .now))
            try folder.write(one.rootCertificatePEM, to: "roots.pem")
            try await withStub(folder) { stub in
                let (requests, ask) = AsyncStream.makeStream(
                    of: Envoy_Service_Discovery_V3_DeltaDiscoveryRequest.self)
                ask.yield(.with { $0.resourceNamesSubscribe = ["ROOTCA", name, "file-root:/not/there"] })
                try await stub.deltaSecrets { writer in
                    for await request in requests { try await writer.write(request) }
                } onResponse: { response in
                    defer { ask.finish() }
                    var responses = response.messages.makeAsyncIterator()
                    let first = try #require(try await responses.next())
                    #expect(first.resources.map(\.name) == ["ROOTCA", name])
                    let roots = try #require(certificates.current?.roots.pem)
                    #expect(try Self.roots(first.resources[0]) == roots)
                    #expect(try Self.roots(first.resources[1]) == one.rootCertificatePEM)

                    ask.yield(.with { $0.responseNonce = first.nonce })
                    try folder.write(two.rootCertificatePEM, to: "roots.pem")
                    let second = try #require(try await responses.next())
                    #expect(second.resources.map(\.name) == [name])
                    #expect(try Self.roots(second.resources[0]) == two.rootCertificatePEM)
                }
            }
        }
    }

    /// Where another program has the socket, the agent leaves it alone; a file that nobody listens on is nobody's.
    @Test func anothersSocketIsLeftAlone() async throws {
        try await withFolder { folder in
            let path = "\(folder.path)/sds"
            let other = SocketServer(path: path, mode: 0o600, services: [])
            let running = Task { try await other.run() }
            try await other.listening()
            let settings = try AuthorityFixture(folder).offlineSettings()
            let certificates = WorkloadCertificates(settings, logger: quiet)
            #expect(certificates.source == .externalSocket)
            var socket = SecretDiscoverySettings()
            socket.socketPath = path
            socket.fileSocketPath = "\(folder.path)/credentials/files-socket"
            let secrets = SecretDiscovery(socket, certificates: certificates, logger: quiet)
            let before = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
            try await withRunning([certificates, secrets]) {
                try await secrets.listening()
                let now = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
                #expect(before == now)
                // Files are still the agent's, by a socket of their own.
                let root = try SelfSignedRoot().material(now: .now)
                try folder.write(root.rootCertificatePEM, to: "roots.pem")
                try await withStub(folder, "credentials/files-socket") { stub in
                    let (requests, ask) = AsyncStream.makeStream(
                        of: Envoy_Service_Discovery_V3_DeltaDiscoveryRequest.self)
                    ask.yield(.with { $0.resourceNamesSubscribe = ["default", "file-root:\(folder.path)/roots.pem"] })
                    try await stub.deltaSecrets { writer in
                        for await request in requests { try await writer.write(request) }
                    } onResponse: { response in
                        defer { ask.finish() }
                        var responses = response.messages.makeAsyncIterator()
                        let first = try #require(try await responses.next())
                        #expect(first.resources.map(\.name) == ["file-root:\(folder.path)/roots.pem"])
                        #expect(try Self.roots(first.resources[0]) == root.rootCertificatePEM)
                    }
                }
            }
            running.cancel()
            try? await running.value
            #expect(WorkloadCertificates(settings, logger: quiet).source == .authority)
        }
    }

    private static func roots(_ resource: Envoy_Service_Discovery_V3_Resource) throws -> String {
        let secret = try Secret(serializedBytes: resource.resource.value)
        return String(decoding: secret.validationContext.trustedCa.inlineBytes, as: UTF8.self)
    }
}

private func withStub(
    _ folder: TestFolder, _ socket: String = "sds", _ body: @Sendable @escaping (Stub) async throws -> Void
) async throws {
    let transport = try HTTP2ClientTransport.Posix(
        target: .unixDomainSocket(path: "\(folder.path)/\(socket)"), transportSecurity: .plaintext)
    try await withGRPCClient(transport: transport) { client in try await body(Stub(wrapping: client)) }
}

/// The service on its socket, with certificates that the test provides.
private func withSecrets(
    _ metrics: MetricsRegistry = MetricsRegistry(), _ body: (WorkloadCertificates, TestFolder) async throws -> Void
) async throws {
    try await withFolder { folder in
        let certificates = WorkloadCertificates(try AuthorityFixture(folder).offlineSettings(), logger: quiet)
        var settings = SecretDiscoverySettings()
        settings.socketPath = "\(folder.path)/sds"
        settings.pollInterval = .milliseconds(20)
        let secrets = SecretDiscovery(
            settings, certificates: certificates, logger: quiet, metrics: SecretMetrics(metrics))
        try await withRunning([secrets]) {
            try await secrets.listening()
            try await body(certificates, folder)
        }
    }
}

extension AuthorityFixture {
    /// Hands a new identity over, of an authority of its own.
    static func provide(_ certificates: WorkloadCertificates, _ name: String) throws {
        let material = try SelfSignedRoot(trustDomain: name).material(now: .now)
        let request = try CertificateRequest(spiffeID: workloadID)
        let issued = try CertificateIssuer(material).issue(
            to: [workloadID], publicKey: try SigningRequest(parsing: request.pem).publicKey,
            lifetime: .seconds(3600), now: .now)
        certificates.obtain(
            try WorkloadIdentity(
                chain: [issued.certificate], privateKey: request.privateKey, roots: material.trustBundle))
    }
}
