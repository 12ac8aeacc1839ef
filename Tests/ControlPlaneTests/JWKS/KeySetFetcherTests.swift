import Authentication
import ControlPlane
import EnvoyTesting
import MeshModel
import NIOCore
import NIOSSL
import Observability
import Testing

@Suite("Keys over HTTP")
struct KeySetFetcherTests {
    private static let keys = TestTokenIssuer().keySet

    private static func json(_ text: String) -> HTTPRoute {
        HTTPRoute { _ in .text(text, contentType: "application/json") }
    }

    /// Serves while a body runs.
    private func serving(
        _ routes: @escaping @Sendable (_ base: String) -> HTTPRoutes = { _ in HTTPRoutes() },
        tls: NIOSSLContext? = nil, roots: [NIOSSLCertificate] = [], limit: Int = 4096,
        _ body: @escaping @Sendable (HTTPKeySetFetcher, _ base: String) async throws -> Void
    ) async throws {
        // A route may have to name its own server, whose port is not known before it listens.
        let base = Base()
        let table = HTTPRoutes(
            Dictionary(
                uniqueKeysWithValues: routes("").paths.map { path in
                    (path, HTTPRoute { request in await routes(await base.text).reply(to: request) })
                }))
        let security = tls.map { context in
            HTTPConnectionSecurity(
                prepare: { channel in
                    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                }, isEncrypted: { _ in true })
        }
        let server = HTTPEndpoints(host: "127.0.0.1", port: 0, routes: table, security: security)
        var limits = HTTPKeySetFetcher.Limits()
        limits.bytes = limit
        let fetcher = HTTPKeySetFetcher(roots: roots, hosts: ["test": "127.0.0.1"], limits: limits)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await server.run() }
            let port = try await server.boundPort
            await base.set(tls == nil ? "http://127.0.0.1:\(port)" : "https://test:\(port)")
            try await body(fetcher, await base.text)
            group.cancelAll()
        }
    }

    private actor Base {
        private(set) var text = ""
        func set(_ text: String) { self.text = text }
    }

    /// Why the keys that are served do not come; nil if they do.
    private func problem(
        _ fetcher: HTTPKeySetFetcher, _ source: KeySetSource, within timeout: Duration = .seconds(60)
    ) async -> String? {
        do {
            let found = try await fetcher.keySet(from: source, within: timeout)
            return found == Self.keys ? nil : "other keys: \(found)"
        } catch {
            return "\(error)"
        }
    }

    @Test("Keys that decide who somebody is come over TLS alone")
    func insistsOnTLS() async throws {
        try await serving { _ in
            HTTPRoutes(["/keys": Self.json(Self.keys)])
        } _: { fetcher, base in
            #expect(await problem(fetcher, .address("\(base)/keys")) == nil)
            let strict = HTTPKeySetFetcher(limits: .verified)
            for source in [KeySetSource.address("\(base)/keys"), .issuer(base)] {
                #expect(await problem(strict, source)?.contains("begins with https://") == true)
            }
        }
    }

    @Test("Keys come from their address, or from where their issuer says")
    func fetches() async throws {
        try await serving { base in
            HTTPRoutes([
                "/keys": Self.json(Self.keys),
                "/issuer/.well-known/openid-configuration": Self.json(#"{"jwks_uri": "\#(base)/keys"}"#),
                "/lost/.well-known/openid-configuration": Self.json("{}"),
            ])
        } _: { fetcher, base in
            #expect(await problem(fetcher, .address("\(base)/keys")) == nil)
            #expect(await problem(fetcher, .issuer("\(base)/issuer")) == nil)
            #expect(await problem(fetcher, .issuer("\(base)/issuer/")) == nil)
            #expect(await problem(fetcher, .issuer("\(base)/lost"))?.contains("names no jwks_uri") ?? false)
        }
    }

    @Test("What is no key set, too long, too slow or not there is refused, and why is told")
    func refuses() async throws {
        try await serving { _ in
            HTTPRoutes([
                "/text": Self.json("hello"), "/empty": Self.json(#"{"keys": []}"#),
                "/long": Self.json(String(repeating: " ", count: 5000) + Self.keys),
                "/slow": HTTPRoute { _ in
                    try? await Task.sleep(for: .seconds(30))
                    return .text("")
                },
            ])
        } _: { fetcher, base in
            #expect(await problem(fetcher, .address("\(base)/text"))?.contains("is no JSON") ?? false)
            #expect(await problem(fetcher, .address("\(base)/empty"))?.contains("has no keys") ?? false)
            #expect(await problem(fetcher, .address("\(base)/long"))?.contains("longer than 4096 bytes") ?? false)
            #expect(await problem(fetcher, .address("\(base)/nowhere"))?.contains("status 404") ?? false)
            #expect(
                await problem(fetcher, .address("\(base)/slow"), within: .milliseconds(300))?
                    .contains("no whole answer in time") ?? false)
            #expect(await problem(fetcher, .address("ftp://a/b"))?.contains("https://") ?? false)
        }
    }

    @Test("A server has to prove who it is")
    func tls() async throws {
        let authority = try TestAuthority()
        let identity = try authority.host([])
        let own = try NIOSSLCertificate.fromPEMBytes(Array(identity.certificate.utf8))
        let context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: own.map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.privateKey.utf8), format: .pem))))
        let roots = try NIOSSLCertificate.fromPEMBytes(Array(identity.root.utf8))
        let routes: @Sendable (String) -> HTTPRoutes = { _ in HTTPRoutes(["/keys": Self.json(Self.keys)]) }
        try await serving(routes, tls: context, roots: roots) { fetcher, base in
            #expect(await problem(fetcher, .address("\(base)/keys")) == nil)
            // Its certificate is for "test".
            let other = base.replacing("test", with: "localhost")
            #expect(await problem(fetcher, .address("\(other)/keys")) != nil)
        }
        try await serving(routes, tls: context) { fetcher, base in
            #expect(await problem(fetcher, .address("\(base)/keys"))?.contains("CERTIFICATE_VERIFY_FAILED") ?? false)
        }
    }
}
