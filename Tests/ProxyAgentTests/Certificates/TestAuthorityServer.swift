import AgentRuntime
import CertificateAuthority
import DiscoveryAPI
import EnvoyTesting
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import ServiceLifecycle
import Synchronization

@testable import WorkloadCredentials

/// A certificate authority on a TLS port, as the control plane has one.
final class TestAuthorityServer: Service, Istio_V1_Auth_IstioCertificateService.ServiceProtocol {
    struct Call: Sendable {
        var token: String?
        var cluster: String?
        var lifetime: Int64
    }

    private struct State {
        var issuer: CertificateIssuer
        var roots: TrustBundle
        var lifetime: Duration
        var failure: RPCError?
        var calls: [Call] = []
    }

    static let name = "istiod.istio-system.svc"
    private let state: Mutex<State>
    private let transport: HTTP2ServerTransport.Posix

    init(_ material: CAMaterial, lifetime: Duration = .seconds(3600)) throws {
        state = Mutex(
            State(issuer: CertificateIssuer(material), roots: material.trustBundle, lifetime: lifetime))
        let server = try material.serverCertificate(names: [Self.name], lifetime: .seconds(3600), now: .now)
        transport = HTTP2ServerTransport.Posix(
            address: .ipv4(host: "127.0.0.1", port: 0),
            transportSecurity: .tls(
                certificateChain: [.bytes(Array(server.certificateChainPEM.utf8), format: .pem)],
                privateKey: .bytes(Array(server.privateKey.revealed.utf8), format: .pem)))
    }

    var calls: [Call] { state.withLock { $0.calls } }

    var port: Int {
        get async throws { try await transport.listeningAddress.ipv4?.port ?? 0 }
    }

    /// Signs with this from now on.
    func sign(with material: CAMaterial, roots: TrustBundle) {
        state.withLock {
            $0.issuer = CertificateIssuer(material)
            $0.roots = roots
        }
    }

    /// Refuses, or no longer.
    func fail(_ failure: RPCError?) { state.withLock { $0.failure = failure } }

    func run() async throws {
        let server = GRPCServer(transport: transport, services: [self])
        // gRPC must not be cut off in the middle of accepting.
        try await withGracefulShutdownHandler {
            try await server.serve()
        } onGracefulShutdown: {
            server.beginGracefulShutdown()
        }
    }

    func createCertificate(
        request: ServerRequest<Istio_V1_Auth_IstioCertificateRequest>, context: ServerContext
    ) async throws -> ServerResponse<Istio_V1_Auth_IstioCertificateResponse> {
        let call = Call(
            token: request.metadata[stringValues: "authorization"].first { _ in true },
            cluster: request.metadata[stringValues: "clusterid"].first { _ in true },
            lifetime: request.message.validityDuration)
        let (issuer, roots, lifetime, failure) = state.withLock { state in
            state.calls.append(call)
            return (state.issuer, state.roots, state.lifetime, state.failure)
        }
        if let failure { throw failure }
        let request = try SigningRequest(parsing: request.message.csr)
        let issued = try issuer.issue(
            to: [workloadID], publicKey: request.publicKey, lifetime: lifetime, now: .now)
        var response = Istio_V1_Auth_IstioCertificateResponse()
        response.certChain = issued.chainPEM.dropLast() + [roots.pem]
        return ServerResponse(message: response)
    }
}

let workloadID = "spiffe://cluster.local/ns/default/sa/web"

/// What a test of an agent's certificates needs: a folder with a token and roots, and an authority.
struct AuthorityFixture {
    let folder: TestFolder
    let material: CAMaterial
    let server: TestAuthorityServer

    init(_ folder: TestFolder, lifetime: Duration = .seconds(3600)) throws {
        self.folder = folder
        material = try SelfSignedRoot().material(now: .now)
        server = try TestAuthorityServer(material, lifetime: lifetime)
        try folder.write("first-token\n", to: "token")
        try folder.write(material.rootCertificatePEM, to: "root-cert.pem")
        try folder.write(material.rootCertificatePEM, to: "authority.pem")
    }

    func settings() async throws -> WorkloadCertificateSettings {
        var authority = CertificateAuthoritySettings(address: "127.0.0.1:\(try await server.port)")
        authority.serverName = TestAuthorityServer.name
        authority.rootFile = "\(folder.path)/authority.pem"
        authority.tokenFile = "\(folder.path)/token"
        var settings = WorkloadCertificateSettings(
            authority: authority, trustDomain: "cluster.local", namespace: "default", serviceAccount: "web")
        settings.meshRootFile = "\(folder.path)/root-cert.pem"
        settings.credentialsFolder = "\(folder.path)/credentials"
        settings.socketPath = "\(folder.path)/sds"
        settings.pollInterval = .milliseconds(20)
        settings.backoff = Backoff(initial: .milliseconds(20), maximum: .milliseconds(100))
        return settings
    }
}
