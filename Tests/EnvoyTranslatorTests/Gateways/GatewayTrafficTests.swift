import EnvoyTesting
import EnvoyTranslator
import Foundation
import Testing

@Suite(
    "A real Envoy as a gateway",
    .enabled(if: EnvoyProgram.path != nil && Programs.arePresent, "\(EnvoyProgram.absence); curl and openssl"))
struct GatewayTrafficTests {
    @Test("Hosts are routed, redirected, unknown; certificates go by name; clients are checked where they are to be")
    func traffic() throws {
        let gateway = try LiveGateway()
        defer { gateway.envoy.stop() }
        let rejected = try gateway.envoy.statistics("update_rejected|update_failure|create_failure")
        #expect(!rejected.isEmpty)
        #expect(rejected.filter { $0.value != 0 } == [:])

        // HTTP by host.
        #expect(try gateway.plain("a.example.com").contains("served: a"))
        #expect(try gateway.plain("b.example.com:\(gateway.port(.plain))").contains("served: b"))
        #expect(try gateway.plain("c.example.com").hasPrefix("HTTP/1.1 404"))
        let redirect = try gateway.plain("secure.example.com")
        #expect(redirect.hasPrefix("HTTP/1.1 301"))
        #expect(redirect.contains("location: https://secure.example.com/path"))

        // HTTPS: curl verifies that the certificate is the host's.
        for host in ["a", "b"] {
            let answer = try gateway.https("\(host).example.com")
            #expect(answer.status == 0 && answer.output.hasPrefix("HTTP/2 200"), "\(answer)")
            #expect(answer.output.contains("served: \(host)"))
        }
        // A name that nobody has: there is no chain, and thus no handshake.
        #expect(try gateway.https("c.example.com").status != 0)

        // MUTUAL.
        #expect(try gateway.https("m.example.com").status != 0)
        let client = try gateway.authority.host(["spiffe://outside/client"])
        let certificate = try gateway.folder.write(Array(client.certificate.utf8), to: "client.pem")
        let key = try gateway.folder.write(Array(client.privateKey.utf8), to: "client.key")
        let known = try gateway.https("m.example.com", "--cert", certificate, "--key", key)
        #expect(known.status == 0 && known.output.contains("served: a"), "\(known)")
        #expect(known.output.contains("URI=spiffe://outside/client"), "\(known)")
        let stranger = try TestAuthority().host([])
        let others = try gateway.folder.write(Array(stranger.certificate.utf8), to: "stranger.pem")
        let othersKey = try gateway.folder.write(Array(stranger.privateKey.utf8), to: "stranger.key")
        #expect(try gateway.https("m.example.com", "--cert", others, "--key", othersKey).status != 0)

        // PASSTHROUGH: the application's own certificate.
        let passed = try gateway.https("p.example.com", "--http1.1")
        #expect(passed.status == 0 && passed.output.contains("served: sealed"), "\(passed)")

        // AUTO_PASSTHROUGH: the name says the service; only mesh clients have a chain.
        let name = "outbound_.443_._.crossed.default.svc.cluster.local"
        let connection = try OpenConnection(
            port: gateway.port(.crossing), serverName: name, authorities: gateway.authorities, "-alpn", "istio-http/1.1"
        )
        let crossed = try connection.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n", until: "\r\n\r\n")
        connection.close()
        #expect(crossed.contains("served: sealed"), "\(crossed)")
        let outsider = try OpenConnection(
            port: gateway.port(.crossing), serverName: name, authorities: gateway.authorities, "-alpn", "http/1.1")
        #expect(try outsider.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n", until: "\r\n\r\n") == "")
        outsider.close()
    }

    @Test("A certificate that is replaced is shown at once, and no connection is dropped for it")
    func rotation() throws {
        let gateway = try LiveGateway()
        defer { gateway.envoy.stop() }
        let request = "GET / HTTP/1.1\r\nhost: a.example.com\r\n\r\n"
        let connection = try OpenConnection(
            port: gateway.port(.https), serverName: "a.example.com", authorities: gateway.authorities)
        defer { connection.close() }
        #expect(try connection.send(request, until: "\r\n\r\n").contains("served: a"))

        let other = try TestAuthority()
        let new = try other.server(["a.example.com"])
        let authorities = try gateway.folder.write(Array(new.root.utf8), to: "others.pem")
        func isNew() throws -> Bool { try gateway.https("a.example.com", "--cacert", authorities).status == 0 }
        #expect(try !isNew())
        try gateway.rotate("a", to: new)
        let deadline = ContinuousClock.now + .seconds(60)
        while try !isNew(), ContinuousClock.now < deadline {}
        #expect(try isNew())
        #expect(try gateway.https("a.example.com").status != 0)
        // The other host's is what it was, the connection is still open, and no listener was replaced.
        #expect(try gateway.https("b.example.com").status == 0)
        #expect(try connection.send(request, until: "\r\n\r\n").contains("served: a"))
        let changes = try gateway.envoy.statistics("listener_manager.listener_(modified|in_place_updated|removed)")
        #expect(changes.count == 3)
        #expect(changes.values.allSatisfy { $0 == 0 })
    }
}
