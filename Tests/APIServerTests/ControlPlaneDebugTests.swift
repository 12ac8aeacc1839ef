import AsyncHTTPClient
import ControlPlane
import DebugPages
import FoundationEssentials
import GRPCCore
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import Observability
import Testing
import XDSServer

extension OwnClusterTests {
    /// A whole control plane, looked at from outside its Pod.
    @Suite struct ControlPlaneDebugTests {}
}

extension OwnClusterTests.ControlPlaneDebugTests {
    /// An address of this machine that is not loopback: who comes from it is a stranger.
    private static let outside: String? = {
        let addresses = (try? System.enumerateDevices())?.compactMap(\.address) ?? []
        return addresses.first { address in
            guard case .v4 = address else { return false }
            return address.ipAddress?.hasPrefix("127.") == false
        }?.ipAddress
    }()

    /// What the operator does: reads `/debug/syncz` of a replica by its address, with a token, by TLS that ends at the
    /// mesh's root.
    @Test(.enabled(if: outside != nil, "this machine has no address but loopback"))
    func synczIsReadFromOutside() async throws {
        let outside = try #require(Self.outside)
        try await ControlPlaneSite.with { site in
            let reader = try await site.token(of: "operator", for: "istio-ca")
            let stranger = try await site.token(of: "stranger", for: "istio-ca")
            let proxy = try await site.token(of: "reviews", for: "istio-ca")
            let role = "debug-\(site.namespace)"
            try await site.grantDebugging(role, to: "operator")
            try await site.withReplica("istiod-1") {
                $0.secureAddress = ListenAddress(host: "127.0.0.1", port: 0)
            } _: { replica in
                try await replica.waitUntilReady()
                let port = try #require(await replica.controlPlane.securePort)
                let root = try #require(try await site.secretValue("istio-ca-secret", "ca-cert.pem"))
                let surface = replica.controlPlane.debugging.surface
                let routes = surface.routes.merging(HTTPRoutes(["/metrics": HTTPRoute { _ in .text("up 1\n") }]))
                let server = HTTPEndpoints(
                    host: "0.0.0.0", port: 0, routes: routes.guarded(below: "/debug", surface.refusal),
                    security: surface.security, logger: replica.log.logger)
                try await withServices([server]) { _ in
                    let page = DebugPort(
                        address: outside, host: "istiod.\(site.namespace).svc", port: try await server.boundPort,
                        root: root, namespace: site.namespace)
                    #expect(try await page.get("http", "/metrics").text == "up 1\n")
                    #expect(try await page.get("https", "/metrics").text == "up 1\n")
                    #expect(try await page.get("http", "/debug/syncz", reader).status == 403)
                    #expect(try await page.get("https", "/debug/syncz").status == 401)
                    #expect(try await page.get("https", "/debug/syncz", stranger).status == 403)
                    try await within(.seconds(60), "the reader's right") {
                        while try await page.get("https", "/debug/syncz", reader).status != 200 {
                            try await Task.sleep(for: .milliseconds(200))
                        }
                    }
                    #expect(try await page.get("https", "/debug/config_dump", reader).status == 403)

                    // A sidecar connects and is there.
                    try await withTokenProxy(
                        port: port, host: page.host, rootPEM: root, token: proxy, account: "reviews",
                        namespace: site.namespace
                    ) {
                        let answer = try await page.get("https", "/debug/syncz", reader)
                        let entry = try JSONValue(parsing: answer.text).array?.first
                        #expect(entry?["proxy"] == .string("reviews-1.\(site.namespace)"))
                        #expect(entry?["revision"] == "default")
                        #expect(
                            entry?["identities"]
                                == [.string("spiffe://cluster.local/ns/\(site.namespace)/sa/reviews")])
                        #expect(entry?["types", TypeURL.cluster.rawValue, "state"]?.string != nil)
                    }
                }
                for token in [reader, stranger, proxy] {
                    #expect(!replica.log.entries.contains { $0.text.contains(token.exposed) })
                }
            }
            for resource in [APIResource.clusterRoles, .clusterRoleBindings] {
                _ = try await site.cluster.client.delete(resource, ObjectKey(name: role))
            }
        }
    }
}

/// The port of metrics and debugging, called by an address of the machine and the name in its certificate.
private struct DebugPort: Sendable {
    var address: String
    var host: String
    var port: Int
    var root: String
    var namespace: String

    func get(_ scheme: String, _ path: String, _ token: Secret<String>? = nil) async throws -> (
        status: Int, text: String
    ) {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(root.utf8)))
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.dnsOverride = [host: address]
        let client = HTTPClient(configuration: configuration)
        let result: Result<(Int, String), any Error>
        do {
            var request = HTTPClientRequest(url: "\(scheme)://\(host):\(port)\(path)")
            if let token { request.headers.add(name: "authorization", value: "Bearer \(token.exposed)") }
            let response = try await client.execute(request, timeout: .seconds(30))
            let body = try await response.body.collect(upTo: 1 << 20)
            result = .success((Int(response.status.code), String(buffer: body)))
        } catch {
            result = .failure(error)
        }
        try await client.shutdown()
        return try result.get()
    }
}
