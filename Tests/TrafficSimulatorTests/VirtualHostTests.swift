import EnvoyAPI
import SwiftProtobuf
import Testing
import TrafficSimulator

@Suite("Which virtual host takes a request")
struct VirtualHostTests {
    @Test(
        "Exact, then the longest suffix, then the longest prefix, then all",
        arguments: [
            ("a.example.com", "exact"), ("A.EXAMPLE.com", "exact"), ("b.example.com", "*.example.com"),
            ("www-b.example.com", "*-b.example.com"), ("example.com", "*.com"), (".example.com", "*.com"),
            ("a.example.org", "a.example.*"), ("a.example.", "a.*"), ("a.", "*"), ("", "*"), ("b.org", "*"),
        ])
    func order(host: String, expected: String) throws {
        let names = ["*", "a.*", "a.example.*", "*.com", "*.example.com", "*-b.example.com"]
        let hosts = names.map { Envoy_Config_Route_V3_VirtualHost($0, [$0]) }
        let configuration = try ProxyConfiguration.serving(
            .init(hosts + [.init("exact", ["other", "a.Example.com"])]))
        #expect(configuration.answer("/") { $0.host = host }.virtualHost == expected)
    }

    @Test("Ports count, unless the routes say otherwise", arguments: [true, false])
    func ports(ignored: Bool) throws {
        var routes = Envoy_Config_Route_V3_RouteConfiguration([
            .init("plain", ["a", "[::1]"]), .init("with port", ["a:80", "b:80"]),
        ])
        routes.ignorePortInHostMatching = ignored
        let configuration = try ProxyConfiguration.serving(routes)
        func host(_ host: String) -> String { configuration.answer("/") { $0.host = host }.virtualHost }
        #expect(host("a") == "plain")
        #expect(host("a:80") == (ignored ? "plain" : "with port"))
        #expect(host("a:81") == (ignored ? "plain" : ""))
        #expect(host("b:80") == (ignored ? "" : "with port"))
        #expect(host("[::1]:90") == (ignored ? "plain" : ""))
        #expect(host("[::1]") == "plain")
    }

    @Test("Without any there is an error, unless a policy refuses first")
    func none() throws {
        let result = try ProxyConfiguration.serving(.init([.init("a", ["a"])])).answer("/")
        #expect(result.error == .noVirtualHost)
        #expect(result.outcome == .answered(status: 404, detail: "no virtual host"))
    }

    @Test("One that requires TLS redirects all else")
    func tlsRedirect() throws {
        var host = Envoy_Config_Route_V3_VirtualHost("a", ["*"])
        host.requireTls = .all
        let result = try ProxyConfiguration.serving(.init([host])).answer("/")
        #expect(result.error == .tlsRedirect)
        #expect(result.virtualHost == "a")
        #expect(result.route.isEmpty)
    }

    @Test("Routes that are fetched keep their name even if there are none")
    func fetchedRoutes() throws {
        var chain = try Envoy_Config_Listener_V3_FilterChain.http("http", .init())
        let manager: Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager = .with {
            $0.rds.routeConfigName = "80"
        }
        chain.filters[0].typedConfig = try .init(packing: manager)
        let listener = Envoy_Config_Listener_V3_Listener("all", "0.0.0.0", 80, [chain])
        let missing = ProxyConfiguration(listeners: [listener]).answer("/")
        #expect(missing.routeConfiguration == "80")
        #expect(missing.error == .noVirtualHost)
        var routes = Envoy_Config_Route_V3_RouteConfiguration([.init("a", ["*"])])
        routes.name = "80"
        #expect(ProxyConfiguration(listeners: [listener], routes: [routes]).answer("/").virtualHost == "a")
    }
}
