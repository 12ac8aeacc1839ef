import AsyncHTTPClient
import Authentication
import CertificateAuthority
import ControlPlane
import DebugPages
import DiscoveryServer
import EnvoyTesting
import FoundationEssentials
import KubernetesModel
import NIOCore
import NIOSSL
import Observability
import Testing

/// What peers of the control plane's TLS ports can agree on with it.
@Suite struct ComplianceTests {
    /// A client that takes less than others.
    struct Client: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var limit: @Sendable (inout TLSConfiguration) -> Void
        /// The policies under which it is served.
        var isServed: Set<CompliancePolicy?>

        static let all = [
            Client(
                testDescription: "any", limit: { _ in }, isServed: [nil, .fips1402, .fips1403, .postQuantum]),
            Client(
                testDescription: "TLS 1.2", limit: { $0.maximumTLSVersion = .tlsv12 },
                isServed: [nil, .fips1402, .fips1403]),
            Client(
                testDescription: "TLS 1.3", limit: { $0.minimumTLSVersion = .tlsv13 },
                isServed: [nil, .fips1403, .postQuantum]),
            Client(
                testDescription: "P-384", limit: { $0.curves = [NIOTLSCurve(rawValue: 24)] },
                isServed: [nil, .fips1403]),
            Client(
                testDescription: "X25519", limit: { $0.curves = [NIOTLSCurve(rawValue: 29)] }, isServed: [nil]),
            Client(
                testDescription: "TLS 1.2 with ChaCha20",
                limit: {
                    $0.maximumTLSVersion = .tlsv12
                    $0.cipherSuites = "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
                }, isServed: [nil]),
        ]
    }

    @Test(arguments: [nil] + CompliancePolicy.allCases.map(Optional.some), Client.all)
    func aPortServesThoseWhoComply(_ policy: CompliancePolicy?, _ client: Client) async throws {
        let root = try SelfSignedRoot().material(now: .now)
        let serving = try ServingCertificate(
            root: root, names: ["istiod.istio-system.svc"], compliance: policy, now: { .now }, logger: silent)
        let debugging = ControlPlaneDebugging(
            site: DebugSite(revision: "default", namespace: "istio-system", identity: "istiod-1"), now: { .now })
        let surface = debugging.surface
        let server = HTTPEndpoints(
            host: "127.0.0.1", port: 0, routes: HTTPRoutes(["/up": HTTPRoute { _ in .text("up") }]),
            security: surface.security, logger: silent)
        try await withService(server) {
            let port = try await server.boundPort
            try await withDiscovery(StaticSource()) { service, _ in
                let reviews = FakeReviews()
                debugging.open(
                    MadeUpState(streams: service.streams), access: DebugAccess(tokens: reviews, access: reviews),
                    certificate: serving.http)
                let answer = await text("https://istiod.istio-system.svc:\(port)/up", root, client)
                #expect(answer == (client.isServed.contains(policy) ? "up" : nil))
            }
        }
    }

    /// Nil: no answer.
    private func text(_ url: String, _ root: CAMaterial, _ client: Client) async -> String? {
        var tls = TLSConfiguration.makeClientConfiguration()
        client.limit(&tls)
        tls.trustRoots = (try? NIOSSLCertificate.fromPEMBytes(Array(root.rootCertificatePEM.utf8)))
            .map { .certificates($0) }
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.dnsOverride = ["istiod.istio-system.svc": "127.0.0.1"]
        let http = HTTPClient(configuration: configuration)
        let response = try? await http.execute(HTTPClientRequest(url: url), timeout: .seconds(60))
        let body = try? await response?.body.collect(upTo: 1 << 10)
        try? await http.shutdown()
        return body.map { String(buffer: $0) }
    }
}
