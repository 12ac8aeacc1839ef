import KubernetesModel
import Testing

@testable import SidecarInjector

@Suite struct MetricsTests {
    private func result(_ annotations: [String: String], mesh: JSONValue = [:]) throws -> (JSONValue, JSONValue?) {
        let result = try #require(try injected(pod(annotations: annotations), try settings(mesh: mesh)))
        let told = result.container("istio-proxy")?.variableText("ISTIO_PROMETHEUS_ANNOTATIONS")
        return (result, try told.map { try JSONValue(parsing: $0) })
    }

    @Test func theAgentIsScrapedInsteadOfTheApplication() throws {
        let (pod, told) = try result(["prometheus.io/port": "9090", "prometheus.io/scrape": "true"])
        #expect(pod.annotation("prometheus.io/port") == "15020")
        #expect(pod.annotation("prometheus.io/path") == "/stats/prometheus")
        #expect(told == ["scrape": "true", "path": "", "port": "9090"])
    }

    @Test func otherSpellingsAreReplaced() throws {
        let (pod, told) = try result(["prometheus.io.port": "9090"])
        #expect(pod.annotation("prometheus.io.port") == nil)
        #expect(told?["port"] == "9090")
    }

    @Test func severalTargets() throws {
        let (pod, told) = try result(["prometheus.istio.io/scrape-targets": "80:/a, 81"])
        #expect(pod.annotation("prometheus.istio.io/scrape-targets") == nil)
        #expect(told?["targets"] == [["port": "80", "path": "/a"], ["port": "81", "path": "/metrics"]])
    }

    @Test func theAgentIsScrapedWhereItListens() throws {
        let (moved, told) = try result(["prometheus.io/port": "9090", "status.sidecar.istio.io/port": "15099"])
        #expect(moved.annotation("prometheus.io/port") == "15099")
        #expect(told?["port"] == "9090")
        // Without the agent's port, the application's own is all there is.
        let (silent, nothing) = try result(["prometheus.io/port": "9090", "status.sidecar.istio.io/port": "0"])
        #expect(silent.annotation("prometheus.io/port") == "9090")
        #expect(nothing == nil)
    }

    @Test(arguments: [
        ["prometheus.io/scrape": "false"], ["prometheus.io.scrape": "false"],
        ["prometheus.istio.io/merge-metrics": "false"],
    ])
    func aPodMayStayOutOfIt(_ annotations: [String: String]) throws {
        let (pod, told) = try result(annotations)
        #expect(pod.annotation("prometheus.io/port") == nil)
        #expect(told == nil)
    }

    @Test func theMeshMayStayOutOfItAndAPodMayNot() throws {
        let mesh: JSONValue = ["enablePrometheusMerge": false]
        #expect(try result([:], mesh: mesh).0.annotation("prometheus.io/port") == nil)
        let asks = ["prometheus.istio.io/merge-metrics": "true"]
        #expect(try result(asks, mesh: mesh).0.annotation("prometheus.io/port") == "15020")
    }
}
