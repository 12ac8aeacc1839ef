import EnvoyAPI
import EnvoyTranslator
import MeshModel
import Testing

@Suite("Which calls of gRPC clients without proxies meet the conditions of routes")
struct ProxylessMatchTests {
    private func routes(_ matches: [HTTPMatch]) throws -> [Envoy_Config_Route_V3_Route] {
        let routes = matches.enumerated().map { number, match in
            RouteInput(name: "\(number)", match: match, action: .respond(DirectResponse(status: 200)))
        }
        let host = VirtualHostInput(name: "h", domains: ["*"], routes: routes)
        return try proxylessRoutes(ProxylessRoutesInput(name: "r", virtualHost: host)).virtualHosts[0].routes
    }

    private func without(_ headers: Int, _ match: TextMatch = .exact("x")) -> HTTPMatch {
        var found = HTTPMatch()
        for number in 0..<headers { found.withoutHeaders["h\(number)"] = match }
        return found
    }

    @Test(
        "An expression for the method counts where it is told at sight to match POST, and is never run",
        arguments: [
            ("POST", true), (".*", true), (".+", true), ("GET|POST", true), ("^(GET|POST)$", true), ("(POST)", true),
            ("GET", false), ("post", false), ("P.*", false), ("(P)OST", false), ("POST(", false), ("", false),
            ("POSTS|XPOST", false), ("(P?O?S?T?){16}X", false), ("((POST))", false),
        ])
    func methods(_ expression: String, _ isMet: Bool) throws {
        var match = HTTPMatch()
        match.method = .regex(expression)
        #expect(try !routes([match]).isEmpty == isMet)
    }

    @Test("A route becomes sixteen at most, and all such routes a thousand")
    func splits() throws {
        #expect(try routes([without(4)]).count == 16)
        #expect(try routes([without(5), without(0)]).map(\.name) == ["1"])
        #expect(try routes([without(40)]).isEmpty)
        #expect(try routes([without(40, .present)]).map(\.match.headers.count) == [40])
        let many = try routes(Array(repeating: without(4), count: 100) + [without(0)])
        #expect(many.count == 1000 / 16 * 16 + 1)
        #expect(many.last?.name == "100")
    }
}
