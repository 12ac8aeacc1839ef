import EnvoyAPI
import EnvoyTranslator
import MeshModel
import SwiftProtobuf
import Testing

@Suite("Routes")
struct RouteTests {
    @Test("A port has the hosts of all its services, by every name a client may use")
    func hosts() throws {
        let mesh = Mesh.bookinfo
        let routes = try #require(try mesh.resources(for: mesh.sidecar()).routes("9080"))
        #expect(
            routes.virtualHosts.map(\.name) == [
                "details.default.svc.cluster.local:9080", "productpage.default.svc.cluster.local:9080",
                "ratings.stars.svc.cluster.local:9080", "reviews.default.svc.cluster.local:9080", "allow_any",
            ])
        #expect(
            routes.virtualHosts[3].domains == [
                "reviews.default.svc.cluster.local", "reviews.default.svc.cluster.local.", "reviews",
                "reviews.default.svc", "reviews.default", "10.96.0.3",
            ])
        #expect(
            routes.virtualHosts[2].domains == [
                "ratings.stars.svc.cluster.local", "ratings.stars.svc.cluster.local.", "ratings.stars",
                "ratings.stars.svc", "10.96.0.4",
            ])
        #expect(routes.ignorePortInHostMatching)
        #expect(routes.hasValidateClusters && !routes.validateClusters.value)
        #expect(routes.maxDirectResponseBodySizeBytes.value == 1_048_576)
    }

    @Test("Requests go to the service's cluster, and are retried elsewhere")
    func route() throws {
        let mesh = Mesh.bookinfo
        let host = try #require(
            try mesh.resources(for: mesh.sidecar()).routes("9080")?.virtualHosts.last { $0.name != "allow_any" })
        #expect(host.includeRequestAttemptCount)
        let route = try #require(host.routes.first)
        #expect(route.name == "default")
        #expect(route.match.prefix == "/")
        #expect(route.decorator.operation == "reviews.default.svc.cluster.local:9080/*")
        #expect(route.route.cluster == "outbound|9080||reviews.default.svc.cluster.local")
        #expect(route.route.hasTimeout && route.route.timeout == .init())
        let retries = route.route.retryPolicy
        #expect(retries.retryOn == "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes")
        #expect(retries.numRetries.value == 2)
        #expect(retries.hostSelectionRetryMaxAttempts == 5)
        #expect(retries.retryHostPredicate.map(\.name) == ["envoy.retry_host_predicates.previous_hosts"])
    }

    @Test("Members of a headless service have names of their own")
    func headless() throws {
        let mesh = Mesh.menagerie
        let host = try mesh.resources(for: mesh.sidecar()).routes("8080")?.virtualHosts.first
        #expect(
            host?.domains == [
                "zk.default.svc.cluster.local", "zk.default.svc.cluster.local.", "zk", "zk.default.svc", "zk.default",
                "*.zk.default.svc.cluster.local", "*.zk.default.svc.cluster.local.", "*.zk", "*.zk.default.svc",
                "*.zk.default",
            ])
    }

    @Test("Hosts outside the mesh are answered with 502 where only known ones are allowed")
    func block() throws {
        var mesh = Mesh.bookinfo
        mesh.snapshot.settings.outboundPolicy = .registryOnly
        let last = try mesh.resources(for: mesh.sidecar()).routes("9080")?.virtualHosts.last
        #expect(last?.name == "block_all")
        #expect(last?.domains == ["*"])
        #expect(last?.routes.map(\.directResponse.status) == [502])
    }

    @Test("No domain repeats: complete names go first, then the older service has it")
    func uniqueDomains() throws {
        var mesh = Mesh()
        let port = ServicePort(name: "http", number: 80, meshProtocol: .http)
        mesh.add("b", addresses: ["10.96.0.1"], ports: [port]) { $0.created = "2026-01-01T00:00:00Z" }
        mesh.add("a", addresses: ["10.96.0.1"], ports: [port]) { $0.created = "2026-02-01T00:00:00Z" }
        mesh.add("c", addresses: [], ports: [port]) {
            $0.created = "2026-03-01T00:00:00Z"
            $0.hostname = "b.default"
        }
        let hosts = try mesh.resources(for: mesh.sidecar()).routes("80")?.virtualHosts ?? []
        let domains = hosts.flatMap(\.domains)
        #expect(Set(domains).count == domains.count)
        #expect(hosts.first { $0.domains.contains("10.96.0.1") }?.name == "b.default.svc.cluster.local:80")
        #expect(hosts.first { $0.domains.contains("b.default") }?.name == "b.default:80")
    }
}
