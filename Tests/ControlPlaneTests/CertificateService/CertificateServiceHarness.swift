import Authentication
import CertificateAuthority
import CertificateService
import ControlPlane
import DiscoveryAPI
import DiscoveryServer
import FoundationEssentials
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Observability
import ServiceLifecycle
import SwiftProtobuf
import X509
import XDSServer

/// A certificate authority on a port with TLS, and callers of it.
struct CertificateSite: Sendable {
    static let host = "istiod.istio-system.svc"
    static let reviews = "spiffe://cluster.local/ns/default/sa/reviews"

    let authority: MeshAuthority
    let serving: ServingCertificate
    let metrics: MetricsRegistry
    let port: Int

    /// Serves while `body` runs.
    static func with(
        _ material: CAMaterial? = nil, reviews: FakeReviews, lifetimes: LifetimePolicy = LifetimePolicy(),
        impersonation: NodeImpersonation? = nil, concurrency: Int = 1000,
        clock: TestClock = TestClock(Date.now.timeIntervalSince1970),
        _ body: (CertificateSite) async throws -> Void
    ) async throws {
        let authority = MeshAuthority(try material ?? SelfSignedRoot().material(now: clock.date))
        let metrics = MetricsRegistry()
        let serving = try ServingCertificate(
            root: authority.material, names: [host], now: { clock.date }, logger: silent)
        authority.onChange { serving.use($0) }
        let authenticator = WorkloadAuthenticator(
            tokens: reviews, trustDomain: "cluster.local", now: { clock.seconds }, logger: silent)
        let service = CertificateService(
            authority, authenticator: authenticator, impersonation: impersonation,
            policy: CertificatePolicy(
                lifetimes: lifetimes, trustDomains: { ["cluster.local", "old.local"] }, concurrency: concurrency),
            metrics: CertificateMetrics(metrics), now: { clock.date }, logger: silent)
        let server = DiscoveryServer(
            AggregatedDiscoveryService(source: StaticSource(), logger: silent),
            address: .ipv4(host: "127.0.0.1", port: 0), security: .tls(serving.discovery),
            authenticator: authenticator, companions: [service], logger: silent)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let port = try await server.boundPort ?? 0
            try await body(
                CertificateSite(authority: authority, serving: serving, metrics: metrics, port: port))
            group.cancelAll()
        }
    }

    /// Asks for a certificate on a connection of its own.
    ///
    /// - Parameters:
    ///   - words: Metadata of the request.
    ///   - roots: Whom the caller trusts; nil: the authority's of now.
    ///   - identity: The caller's certificate and key.
    func certificate(
        csr: String, token: String? = nil, seconds: Int64 = 0, words: [String: String] = [:], roots: String? = nil,
        identity: (chain: String, key: String)? = nil
    ) async throws -> [String] {
        let roots = Array((roots ?? authority.material.rootCertificatePEM).utf8)
        return try await withGRPCClient(
            transport: HTTP2ClientTransport.Posix(
                target: .ipv4(address: "127.0.0.1", port: port),
                transportSecurity: .tls {
                    $0.trustRoots = .certificates([.bytes(roots, format: .pem)])
                    if let identity {
                        $0.certificateChain = PEMCertificates.split(identity.chain).map {
                            .bytes(Array($0.utf8), format: .pem)
                        }
                        $0.privateKey = .bytes(Array(identity.key.utf8), format: .pem)
                    }
                },
                config: .defaults { $0.http2.authority = Self.host })
        ) { client in
            let stub = Istio_V1_Auth_IstioCertificateService.Client(wrapping: client)
            var options = CallOptions.defaults
            options.timeout = .seconds(60)
            return try await stub.createCertificate(
                .with {
                    $0.csr = csr
                    $0.validityDuration = seconds
                    $0.metadata.fields = words.mapValues { .init(stringValue: $0) }
                }, metadata: token.map { ["authorization": "Bearer \($0)"] } ?? [:], options: options
            ).certChain
        }
    }

    /// The value of a metric without labels.
    func count(_ name: String) -> Double? {
        metrics.prometheusText().split(separator: "\n").first { $0.hasPrefix("\(name) ") }
            .flatMap { Double($0.split(separator: " ")[1]) }
    }
}

/// PEM texts of several certificates.
enum PEMCertificates {
    static func split(_ text: String) -> [String] {
        (try? PEMBlocks.certificates(in: text))?.map { PEMBlocks.text(of: [$0]) } ?? []
    }
}
