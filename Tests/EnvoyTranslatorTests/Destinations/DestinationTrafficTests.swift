import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import Foundation
import MeshModel
import SwiftProtobuf
import Testing

/// One real Envoy that is a client's sidecar and all servers at once, as DestinationRules have it.
@Suite(
    "A real Envoy treats services as DestinationRules say",
    .enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)"))
struct DestinationTrafficTests {
    @Test("Subsets are the workloads with their labels")
    func subsets() throws {
        var servers = try ServerMesh(
            rules: "{host: s, subsets: [{name: v1, labels: {v: '1'}}, {name: v2, labels: {v: '2'}}]}")
        servers.add("one", ["v": "1"])
        servers.add("two", ["v": "2"])
        servers.routes = ["/v1": "v1", "/v2": "v2"]
        let envoy = try servers.start()
        defer { envoy.stop() }
        for _ in 0..<10 {
            #expect(try servers.get("/v1").contains("served: one"))
            #expect(try servers.get("/v2").contains("served: two"))
        }
        let both = try (0..<40).map { _ in try servers.get("/").contains("served: one") }
        #expect(Set(both).count == 2)
    }

    @Test("Requests with the same header go to the same workload")
    func consistentHash() throws {
        var servers = try ServerMesh(
            rules: "{host: s, trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: x-user}}}}")
        for name in ["one", "two", "three"] { servers.add(name) }
        let envoy = try servers.start()
        defer { envoy.stop() }
        var byUser: [Set<String>] = []
        for user in 0..<20 {
            byUser.append(Set(try (0..<5).map { _ in try servers.server(of: servers.get("/", "x-user: u\(user)")) }))
        }
        #expect(byUser.allSatisfy { $0.count == 1 }, "\(byUser)")
        #expect(Set(byUser.flatMap(\.self)).count > 1, "\(byUser)")
    }

    @Test("A workload that fails is left out, and those of another place stand in for it")
    func outliers() throws {
        var servers = try ServerMesh(
            rules: """
                {host: s, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 1, baseEjectionTime: 300s, maxEjectionPercent: 100}}}
                """, locality: "eu/a")
        servers.add("near", locality: "eu/a", status: 500)
        servers.add("far", locality: "us/a")
        let envoy = try servers.start()
        defer { envoy.stop() }
        let first = try servers.get("/")
        #expect(first.hasPrefix("HTTP/1.1 500") && first.contains("served: near"), "\(first)")
        try envoy.wait(for: "outlier_detection.ejections_active", toBe: 1)
        // The worker is told a moment later.
        for _ in 0..<1000 where try servers.get("/").contains("served: far") { break }
        for _ in 0..<10 {
            let answer = try servers.get("/")
            #expect(answer.contains("served: far"), "\(answer)")
        }
    }

    @Test("Places get their shares")
    func shares() throws {
        var servers = try ServerMesh(
            rules: """
                {host: s, trafficPolicy: {loadBalancer: {localityLbSetting: {distribute: [{from: "eu/*", to: {"eu/a": 80, "us/a": 20}}]}}}}
                """, locality: "eu/a")
        servers.add("near", locality: "eu/a")
        servers.add("far", locality: "us/a")
        servers.add("never", locality: "asia/a")
        let envoy = try servers.start()
        defer { envoy.stop() }
        let answers = try (0..<500).map { _ in try servers.server(of: servers.get("/")) }
        let near = answers.count { $0 == "near" }
        #expect((375...425).contains(near), "\(near) of 500")
        #expect(answers.count { $0 == "far" } == 500 - near)
    }

    @Test("Requests beyond what may be under way are refused at once")
    func overflow() throws {
        var servers = try ServerMesh(
            rules: """
                {host: s, trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}, http: {http1MaxPendingRequests: 1}}}}
                """)
        let silent = try SilentServer()
        defer { silent.close() }
        servers.add("silent", port: silent.port)
        let envoy = try servers.start()
        defer { envoy.stop() }
        let active = try servers.begin()
        defer { active.close() }
        try envoy.wait(for: "outbound.*upstream_rq_active", toBe: 1)
        let pending = try servers.begin()
        defer { pending.close() }
        try envoy.wait(for: "outbound.*upstream_rq_pending_active", toBe: 1)
        let answer = try servers.get("/")
        #expect(answer.hasPrefix("HTTP/1.1 503"), "\(answer)")
        #expect(answer.contains("overflow"), "\(answer)")
        let refused = try envoy.statistics("outbound.*upstream_rq_pending_overflow")
        #expect(refused.values.contains { $0 >= 1 }, "\(refused)")
    }

    @Test("TLS to a server is told the name and checks the certificate", arguments: ["test", "other.example"])
    func simpleTLS(name: String) throws {
        var servers = try ServerMesh(
            rules: """
                {host: s, trafficPolicy: {tls: {mode: SIMPLE, caCertificates: /ca.pem, sni: test, subjectAltNames: [\(name)]}}}
                """)
        let authority = try TestAuthority()
        let identity = try authority.host([])
        servers.add("secured", identity: identity)
        servers.secrets = [
            .with {
                $0.name = "file-root:/ca.pem"
                $0.validationContext.trustedCa.inlineString = identity.root
            }
        ]
        let envoy = try servers.start()
        defer { envoy.stop() }
        let answer = try servers.get("/")
        #expect(answer.hasPrefix("HTTP/1.1 \(name == "test" ? 200 : 503)"), "\(answer)")
        #expect(answer.contains("served: secured") == (name == "test"))
    }
}
