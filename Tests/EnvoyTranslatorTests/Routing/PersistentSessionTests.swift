import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import MeshModel
import SwiftProtobuf
import Testing

@Suite("Requests of a client that go to the same endpoint")
struct PersistentSessionTests {
    private func filterNames(_ mesh: Mesh) throws -> [String] {
        let listener = try mesh.resources(for: mesh.sidecar()).listener("0.0.0.0_9080")
        return try #require(listener?.filterChains.lazy.compactMap(\.connectionManager).first).httpFilters.map(\.name)
    }

    @Test("Labels of services count where the mesh lets them")
    func configuration() throws {
        var mesh = Mesh.bookinfo
        let key = ServiceKey(hostname: "reviews.default.svc.cluster.local", namespace: "default")
        let name = "envoy.filters.http.stateful_session"
        mesh.snapshot.services[key]?.labels = ["istio.io/persistent-session-header": "x-session"]
        #expect(try !filterNames(mesh).contains(name))
        mesh.snapshot.settings.apply(environment: ["PILOT_ENABLE_PERSISTENT_SESSION_FILTER": "true"])
        #expect(try filterNames(mesh).suffix(2) == [name, "envoy.filters.http.router"])
        let routes = try mesh.resources(for: mesh.sidecar()).routes("9080")
        let sessions = routes?.virtualHosts.filter { $0.routes.contains { $0.typedPerFilterConfig[name] != nil } }
        #expect(sessions?.map(\.name) == ["reviews.default.svc.cluster.local:9080"])
    }

    @Test(
        "A cookie or a header leads to the server that gave it",
        .enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)"),
        arguments: ["istio.io/persistent-session", "istio.io/persistent-session-header"])
    func traffic(label: String) throws {
        var servers = try ServerMesh(rules: "{host: s, trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}}")
        for name in ["a", "b", "c"] { servers.add(name) }
        servers.labels = [label: "x-session"]
        let envoy = try servers.start()
        defer { envoy.stop() }
        let first = try servers.get("/")
        let given = label.hasSuffix("header") ? "x-session: " : "set-cookie: x-session="
        let line = try #require(
            first.split(whereSeparator: \.isNewline).first { $0.lowercased().hasPrefix(given) }, "\(first)")
        let value = line.dropFirst(given.count).prefix { $0 != ";" }
        let sent = label.hasSuffix("header") ? "x-session: \(value)" : #"cookie: x-session=\#(value)"#
        let server = try servers.server(of: first)
        for _ in 0..<9 { #expect(try servers.server(of: servers.get("/", sent)) == server) }
        let others = try (0..<9).map { _ in try servers.server(of: servers.get("/")) }
        #expect(Set(others) == ["a", "b", "c"])
    }
}
