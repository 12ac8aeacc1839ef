import CertificateAuthority
import EnvoyTesting
import Foundation
import GRPCCore
import Observability
import Testing
import X509

@testable import WorkloadCredentials

/// Certificates from an authority over real gRPC and TLS.
@Suite struct WorkloadCertificateTests {
    @Test func theFirstCertificateIsTheWorkloads() async throws {
        try await withFolder { folder in
            let fixture = try AuthorityFixture(folder)
            try await withRunning([fixture.server]) {
                let certificates = WorkloadCertificates(try await fixture.settings(), logger: quiet)
                #expect(certificates.source == .authority)
                try await withRunning([certificates]) {
                    let identity = try #require(await certificates.first(within: .seconds(60)))
                    let leaf = try #require(try PEMBlocks.certificates(in: identity.chainPEM).first)
                    #expect(leaf.publicKey == identity.privateKey.key.publicKey)
                    #expect(
                        try leaf.extensions.subjectAlternativeNames.map { Array($0) }
                            == [.uniformResourceIdentifier(workloadID)])
                    #expect(identity.roots == fixture.material.trustBundle)
                    #expect(identity.ends(at: fixture.material.trustBundle))
                    #expect(fixture.server.calls.count == 1)
                    let call = try #require(fixture.server.calls.first)
                    #expect(call.token == "Bearer first-token")
                    #expect(call.cluster == "Kubernetes")
                    #expect(call.lifetime == 86_400)
                }
            }
        }
    }

    @Test func keysAreOfTheKindThatIsAskedFor() async throws {
        try await withFolder { folder in
            let fixture = try AuthorityFixture(folder)
            try await withRunning([fixture.server]) {
                var settings = try await fixture.settings()
                settings.keyKind = .rsa(bits: 2048)
                let certificates = WorkloadCertificates(settings, logger: quiet)
                try await withRunning([certificates]) {
                    let identity = try #require(await certificates.first(within: .seconds(60)))
                    #expect("\(identity.privateKey.key.publicKey)".contains("RSA2048"))
                }
            }
        }
    }

    /// Half of the lifetime later there is another, asked for with the token of then.
    @Test func certificatesAreReplacedInTime() async throws {
        try await withFolder { folder in
            let fixture = try AuthorityFixture(folder, lifetime: .seconds(2))
            try await withRunning([fixture.server]) {
                let certificates = WorkloadCertificates(try await fixture.settings(), logger: quiet)
                let updates = certificates.updates()
                try await withRunning([certificates]) {
                    var seen: [WorkloadIdentity] = []
                    for await identity in updates {
                        seen.append(identity)
                        try folder.write("token-\(seen.count)", to: "token")
                        if seen.count == 4 { break }
                    }
                    #expect(Set(seen.map(\.chainPEM)).count == 4)
                    #expect(Set(seen.map(\.privateKey)).count == 4)
                    for (earlier, later) in zip(seen, seen.dropFirst()) { #expect(earlier.notAfter <= later.notAfter) }
                    #expect(
                        fixture.server.calls.prefix(4).map(\.token) == [
                            "Bearer first-token", "Bearer token-1", "Bearer token-2", "Bearer token-3",
                        ])
                }
            }
        }
    }

    @Test func whatIsThereStaysWhileTheAuthorityRefuses() async throws {
        try await withFolder { folder in
            let fixture = try AuthorityFixture(folder, lifetime: .seconds(1))
            try await withRunning([fixture.server]) {
                let certificates = WorkloadCertificates(try await fixture.settings(), logger: quiet)
                try await withRunning([certificates]) {
                    let first = try #require(await certificates.first(within: .seconds(60)))
                    fixture.server.fail(RPCError(code: .unavailable, message: "not now"))
                    let before = fixture.server.calls.count
                    try await soon("it asks again and again") { fixture.server.calls.count >= before + 3 }
                    #expect(certificates.current != nil)
                    fixture.server.fail(nil)
                    try await soon("there is a new one") { certificates.current?.chainPEM != first.chainPEM }
                }
            }
        }
    }

    @Test func anAuthorityOfStrangersGetsNoToken() async throws {
        try await withFolder { folder in
            let fixture = try AuthorityFixture(folder)
            let stranger = try SelfSignedRoot().material(now: .now)
            try folder.write(stranger.rootCertificatePEM, to: "authority.pem")
            try await withRunning([fixture.server]) {
                let certificates = WorkloadCertificates(try await fixture.settings(), logger: quiet)
                try await withRunning([certificates]) {
                    #expect(await certificates.first(within: .seconds(1)) == nil)
                    #expect(fixture.server.calls.isEmpty)
                    // The right roots come: so does the certificate.
                    try folder.write(fixture.material.rootCertificatePEM, to: "authority.pem")
                    #expect(await certificates.first(within: .seconds(60)) != nil)
                }
            }
        }
    }

    /// The mesh goes from root A over both to B, and nobody starts anew.
    @Test func rootsAreReplaced() async throws {
        try await withFolder { folder in
            let fixture = try AuthorityFixture(folder)
            let next = try SelfSignedRoot().material(now: .now)
            let both = fixture.material.trustBundle.merged(with: next.trustBundle)
            try await withRunning([fixture.server]) {
                let certificates = WorkloadCertificates(try await fixture.settings(), logger: quiet)
                try await withRunning([certificates]) {
                    let first = try #require(await certificates.first(within: .seconds(60)))
                    #expect(first.roots == fixture.material.trustBundle)
                    try await soon("the file was read") { certificates.hasReadRoots }

                    try folder.write(both.pem, to: "root-cert.pem")
                    try await soon("both are trusted") { certificates.current?.roots == both }
                    #expect(certificates.current?.chainPEM == first.chainPEM)

                    fixture.server.sign(with: next, roots: both)
                    try folder.write(next.rootCertificatePEM, to: "root-cert.pem")
                    try await soon("the certificate hangs on the new root") {
                        certificates.current?.ends(at: next.trustBundle) ?? false
                    }
                    fixture.server.sign(with: next, roots: next.trustBundle)
                    #expect(certificates.current?.chainPEM != first.chainPEM)
                }
            }
        }
    }

    @Test func certificatesAreWrittenForOthers() async throws {
        try await withFolder { folder in
            let fixture = try AuthorityFixture(folder)
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/out", withIntermediateDirectories: false)
            try await withRunning([fixture.server]) {
                var settings = try await fixture.settings()
                settings.outputFolder = "\(folder.path)/out"
                let certificates = WorkloadCertificates(settings, logger: quiet)
                try await withRunning([certificates]) {
                    let identity = try #require(await certificates.first(within: .seconds(60)))
                    #expect(try folder.text(of: "out/cert-chain.pem") == identity.chainPEM)
                    #expect(try folder.text(of: "out/key.pem") == identity.privateKey.revealed)
                    #expect(try TrustBundle(parsing: folder.text(of: "out/root-cert.pem")) == identity.roots)
                    let mode = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/out/key.pem")
                    #expect(mode[.posixPermissions] as? Int == 0o600)
                }
            }
        }
    }

    /// Files that others keep are used instead, and followed.
    @Test func filesAreFollowed() async throws {
        try await withFolder { folder in
            let fixture = try AuthorityFixture(folder)
            let settings = try fixture.offlineSettings()
            try fixture.writeFiles()
            let metrics = MetricsRegistry()
            let certificates = WorkloadCertificates(settings, logger: quiet, metrics: CertificateMetrics(metrics))
            #expect(certificates.source == .files(settings.credentialsFolder))
            try await withRunning([certificates]) {
                let first = try #require(await certificates.first(within: .seconds(60)))
                try await soon("its end is told") {
                    metrics.prometheusText().contains("cert_expiry_seconds{resource_name=\"default\"} 3")
                }
                // Half of a change is none.
                try folder.write("-----BEGIN CERTIFICATE-----\nbroken", to: "credentials/cert-chain.pem")
                try await soon("it was looked at") {
                    metrics.prometheusText().contains("num_file_secret_failures_total 1")
                }
                #expect(metrics.prometheusText().contains("num_file_watcher_failures_total 0"), "it could be read")
                #expect(certificates.current?.chainPEM == first.chainPEM)
                try fixture.writeFiles()
                try await soon("the new files are used") { certificates.current?.chainPEM != first.chainPEM }
            }
        }
    }
}

extension AuthorityFixture {
    /// Settings without an authority that answers.
    func offlineSettings() throws -> WorkloadCertificateSettings {
        var settings = WorkloadCertificateSettings(
            authority: CertificateAuthoritySettings(address: "127.0.0.1:1"), trustDomain: "cluster.local",
            namespace: "default", serviceAccount: "web")
        settings.meshRootFile = "\(folder.path)/root-cert.pem"
        settings.credentialsFolder = "\(folder.path)/credentials"
        settings.socketPath = "\(folder.path)/sds"
        settings.pollInterval = .milliseconds(20)
        return settings
    }

    /// A new certificate with its key, as files.
    func writeFiles() throws {
        try FileManager.default.createDirectory(
            atPath: "\(folder.path)/credentials", withIntermediateDirectories: true)
        let request = try CertificateRequest(spiffeID: workloadID)
        let issued = try CertificateIssuer(material).issue(
            to: [workloadID], publicKey: try SigningRequest(parsing: request.pem).publicKey,
            lifetime: .seconds(3600), now: .now)
        try folder.write(request.privateKey.revealed, to: "credentials/key.pem")
        try folder.write(issued.chainPEM.dropLast().joined(), to: "credentials/cert-chain.pem")
        try folder.write(material.rootCertificatePEM, to: "credentials/root-cert.pem")
    }
}
