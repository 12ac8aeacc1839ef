import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import KubernetesModel
import MeshModel
import SwiftProtobuf
import Testing

@Suite("What a real Envoy says of gateways", .enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)"))
struct GatewayValidationTests {
    @Test("Every mode of TLS, every setting of it, and every kind of server is valid")
    func isValid() throws {
        let ciphers = [
            "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
            "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA",
            "AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA",
        ]
        let everything = """
            mode: MUTUAL, credentialNames: [m, n], caCertCredentialName: roots,
            subjectAltNames: [client.example.com, "spiffe://a/ns/b/sa/c", me@example.com, 10.0.0.1],
            verifyCertificateSpki: ["NvqYIYSbgK2vCJpQhObf77vv+bQWtc5ek5RIOwPiC9A="],
            verifyCertificateHash: ["df6ff72fe9116521268f6f2dd4966f51df479883fe7037b39f75916ac3049d1a"],
            minProtocolVersion: TLSV1_0, maxProtocolVersion: TLSV1_3, cipherSuites: [\(ciphers.joined(separator: ", "))],
            ecdhCurves: [P-256, P-384, P-521, X25519, X25519MLKEM768], insecureSkipVerify: true
            """
        let files = "serverCertificate: /c, privateKey: /k"
        let yaml =
            gatewayYAML(
                "tls", serverYAML(443, "HTTPS", hosts: "a.com", tls: "mode: SIMPLE, credentialName: a"),
                serverYAML(443, "HTTPS", hosts: "b.com, '*.b.com'", tls: everything, name: "b"),
                serverYAML(443, "HTTPS", hosts: "c.com", tls: "mode: OPTIONAL_MUTUAL, credentialName: c", name: "c"),
                serverYAML(443, "HTTPS", hosts: "d.com", tls: "mode: ISTIO_MUTUAL", name: "d"),
                serverYAML(443, "TLS", hosts: "e.com", tls: "mode: PASSTHROUGH", name: "e"),
                serverYAML(443, "HTTPS", hosts: "f.com", tls: "mode: SIMPLE, \(files)", name: "f"),
                serverYAML(
                    443, "TLS", hosts: "g.com", tls: "mode: MUTUAL, \(files), caCertificates: /r", name: "g"),
                serverYAML(443, "HTTPS", tls: "mode: SIMPLE, credentialName: rest", name: "rest"),
                serverYAML(15443, "TLS", hosts: "'*.local'", tls: "mode: AUTO_PASSTHROUGH"))
            + gatewayYAML(
                "plain", serverYAML(80, "HTTP", hosts: "a.com", tls: "httpsRedirect: true"),
                serverYAML(81, "GRPC"), serverYAML(82, "HTTP2"), serverYAML(83, "GRPC-WEB"), serverYAML(84, "TCP"),
                serverYAML(85, "MONGO"),
                "{port: {number: 80, name: bound, protocol: HTTP}, bind: 127.0.0.9, hosts: ['*']}")
            + routesYAML(
                "all", hosts: "'*'", gateways: "istio-system/tls, istio-system/plain",
                """
                http: [{\(toYAML("reviews.default.svc.cluster.local", 9080))}],
                tcp: [{route: [{destination: {host: a.b.c, port: {number: 1}}, weight: 1}, {destination: {host: b.b.c, port: {number: 1}}, weight: 2}]}],
                tls: [{match: [{sniHosts: [e.com]}], \(toYAML("a.b.c", 1))}]
                """)
        var mesh = try Mesh(objects: yaml)
        mesh.snapshot.services = Mesh.menagerie.snapshot.services
        mesh.snapshot.endpoints = Mesh.menagerie.snapshot.endpoints
        mesh.snapshot.settings.accessLog.file = "/dev/null"
        var proxy = mesh.router(at: ["10.1.0.1", "fd00::1"])
        proxy.metadata = ["PROXY_CONFIG": ["gatewayTopology": ["numTrustedProxies": 1, "proxyProtocol": [:]]]]
        let resources = try mesh.resources(for: proxy)
        #expect(resources.listeners.count == 9)
        #expect(resources.listener("0.0.0.0_443")?.filterChains.count == 8)
        let verdict = try EnvoyProgram.validate(try .containing(resources))
        #expect(verdict.isValid, "\(verdict.output)")
    }

    @Test("Chains that no connection could choose between would be refused: the plan leaves one of them out")
    func ambiguousChainsAreRefused() throws {
        let server = serverYAML(443, "HTTPS", hosts: "./*", tls: "mode: SIMPLE, credentialName: c")
        let mesh = try Mesh(objects: gatewayYAML("default", server) + gatewayYAML("default", in: "default", server))
        var settings = TranslationSettings()
        #expect(
            try EnvoyProgram.validate(.containing(mesh.resources(for: mesh.router(), settings: settings))).isValid)
        settings.keepsAmbiguousChains = true
        #expect(
            try !EnvoyProgram.validate(.containing(mesh.resources(for: mesh.router(), settings: settings))).isValid)
    }
}
