import CertificateAuthority
import EnvoyTesting
import Foundation
import GRPCCore
import Testing

@testable import WorkloadCredentials

/// A machine that is given a token once, and shows from then on the certificate that it got.
@Suite struct ProvisionedCertificateTests {
    private func endpoint(_ folder: TestFolder) -> ControlPlaneEndpoint {
        ControlPlaneEndpoint(
            address: "127.0.0.1:1", rootFile: "\(folder.path)/root-cert.pem", tokenFile: "\(folder.path)/token",
            credentialFolder: folder.path, clusterID: "")
    }

    private func authorization(_ endpoint: ControlPlaneEndpoint) throws -> String? {
        try endpoint.metadata()[stringValues: "authorization"].first { _ in true }
    }

    private func provide(_ folder: TestFolder, lifetime: Duration, now: Date = .now) throws {
        let material = try SelfSignedRoot().material(now: now)
        let server = try material.serverCertificate(names: ["machine"], lifetime: lifetime, now: now)
        try folder.write(server.certificateChainPEM, to: "cert-chain.pem")
        try folder.write(server.privateKey.revealed, to: "key.pem")
    }

    @Test func theTokenCountsUntilThereIsACertificate() async throws {
        try await withFolder { folder in
            try folder.write("first", to: "token")
            #expect(endpoint(folder).credential == nil)
            #expect(try authorization(endpoint(folder)) == "Bearer first")
            try provide(folder, lifetime: .seconds(3600))
            #expect(endpoint(folder).credential != nil)
            #expect(try authorization(endpoint(folder)) == nil)
        }
    }

    @Test func aCertificateThatHasEndedIsOfNoUse() async throws {
        try await withFolder { folder in
            try folder.write("first", to: "token")
            try provide(folder, lifetime: .seconds(60), now: Date(timeIntervalSinceNow: -7200))
            #expect(try authorization(endpoint(folder)) == "Bearer first")
            // Without a token there is nothing else to show.
            try FileManager.default.removeItem(atPath: "\(folder.path)/token")
            #expect(endpoint(folder).credential != nil)
        }
    }

    /// The first certificate is asked for with the token, and written where the next call finds it.
    @Test func theFirstCertificateIsShownFromThenOn() async throws {
        try await withFolder { folder in
            let fixture = try AuthorityFixture(folder, lifetime: .seconds(600))
            try await withRunning([fixture.server]) {
                var settings = try await fixture.settings()
                (settings.graceRatio, settings.graceJitter) = (0.999, 0)
                settings.authority.credentialFolder = "\(folder.path)/machine/certs"
                settings.outputFolder = "\(folder.path)/machine/certs"
                let certificates = WorkloadCertificates(settings, logger: quiet)
                try await withRunning([certificates]) {
                    try await soon("a second certificate is asked for") { fixture.server.calls.count >= 2 }
                }
                let calls = fixture.server.calls
                #expect(calls[0].token == "Bearer first-token")
                #expect(calls[1].token == nil)
                let chain = try PEMBlocks.certificates(in: try folder.text(of: "machine/certs/cert-chain.pem"))
                #expect(!chain.isEmpty)
            }
        }
    }
}
