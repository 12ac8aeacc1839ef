import EnvoyAPI
import KubernetesModel
import SwiftProtobuf
import Testing
import TrafficSimulator

@Suite("What becomes of a request")
struct OutcomeTests {
    private func answer(
        _ path: String, _ change: (inout Envoy_Config_Route_V3_Route) -> Void
    ) throws -> Simulation {
        var route = Envoy_Config_Route_V3_Route.to("r") { $0.prefix = "/old" }
        change(&route)
        return try ProxyConfiguration.serving(.init([.init("all", ["*"], [route])])).answer(path) { $0.host = "a:80" }
    }

    @Test("Weights are told, and no single cluster")
    func weights() throws {
        let result = try answer("/old") {
            $0.route.weightedClusters.clusters = [("v1", 90), ("v2", 10), ("v3", 0)].map { name, weight in
                .with {
                    $0.name = name
                    $0.weight = .init(UInt32(weight))
                }
            }
        }
        #expect(result.cluster.isEmpty)
        #expect(result.outcome == .forwarded([.init(name: "v1", weight: 90), .init(name: "v2", weight: 10)]))
    }

    @Test("Redirects say where to")
    func redirects() throws {
        func location(_ path: String, _ change: (inout Envoy_Config_Route_V3_RedirectAction) -> Void) throws -> String {
            let result = try answer(path) { change(&$0.redirect) }
            guard case .answered(_, let detail) = result.outcome else { return "none" }
            return detail
        }
        #expect(try location("/old?q=1") { $0.httpsRedirect = true } == "redirect to https://a/old?q=1")
        #expect(try location("/old/x") { $0.prefixRewrite = "/new" } == "redirect to http://a:80/new/x")
        #expect(
            try location("/old?q=1") { ($0.pathRedirect, $0.stripQuery) = ("/n", true) } == "redirect to http://a:80/n")
        #expect(
            try location("/old") { ($0.hostRedirect, $0.portRedirect) = ("b", 81) } == "redirect to http://b:81/old")
        let found = try answer("/old") { $0.redirect.responseCode = .temporaryRedirect }
        #expect(found.outcome == .answered(status: 307, detail: "redirect to http://a:80/old"))
    }

    @Test("Rewrites are told")
    func rewrites() throws {
        let prefix = try answer("/old/x?q=1") {
            $0.route.prefixRewrite = "/new"
            $0.route.hostRewriteLiteral = "b"
        }
        #expect(prefix.steps.contains { $0.reason.contains("path becomes /new/x?q=1; host becomes b") })
        let regex = try answer("/old/7?q=1") {
            $0.route.regexRewrite.pattern.regex = "^/old/(\\d+)$"
            $0.route.regexRewrite.substitution = "/new/\\1"
        }
        #expect(regex.steps.contains { $0.reason.contains("path becomes /new/7?q=1") })
    }

    @Test("A direct response is the proxy's own")
    func directResponse() throws {
        #expect(
            try answer("/old") { $0.directResponse.status = 418 }.outcome
                == .answered(status: 418, detail: "a direct response"))
    }

    @Test("The object that a route was made from is told")
    func origins() throws {
        let result = try answer("/old") {
            $0.metadata.filterMetadata["istio"] = .init(fields: [
                "config": .init(stringValue: "/apis/networking.istio.io/v1/namespaces/shop/virtual-service/reviews")
            ])
        }
        let origin = result.steps.first { $0.kind == .route }?.origin
        #expect(origin.map(\.description) == "VirtualService shop/reviews")
        #expect(origin?.object.groupKind.group == "networking.istio.io")
    }
}
