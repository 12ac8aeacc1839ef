import EnvoyAPI
import SwiftProtobuf
import Testing
import TrafficSimulator

@Suite("Which route takes a request")
struct RouteTests {
    /// The route of several that takes a path; empty for none.
    private func route(
        _ routes: [Envoy_Config_Route_V3_Route], _ path: String, policy: SimulationPolicy = .envoy,
        _ change: (inout Call) -> Void = { _ in }
    ) throws -> String {
        try ProxyConfiguration.serving(.init([.init("all", ["*"], routes)])).answer(path, policy: policy, change).route
    }

    @Test("The first one counts, not the best one")
    func order() throws {
        let routes = [
            Envoy_Config_Route_V3_Route.to("short") { $0.prefix = "/a" }, .to("long") { $0.prefix = "/a/b" },
        ]
        #expect(try route(routes, "/a/b") == "short")
    }

    @Test(
        "Paths, without their query",
        arguments: [
            ("/exact", "exact"), ("/exact?x=/pre", "exact"), ("/exact/", "all"), ("/prefixed", "prefix"),
            ("/part", "separated"), ("/part/", "separated"), ("/part/a", "separated"), ("/parts", "all"),
            ("/v1/users/7", "regex"), ("/v1/users/7/x", "all"), ("/x/v1/users/7", "all"), ("/FOLD/x", "folded"),
            ("/files/a/b/c.txt", "template"), ("/files", "all"), ("/Exact", "all"),
        ])
    func paths(path: String, expected: String) throws {
        let template = Envoy_Extensions_Path_Match_UriTemplate_V3_UriTemplateMatchConfig.with {
            $0.pathTemplate = "/files/{folder}/{rest=**}"
        }
        let config = try Google_Protobuf_Any(packing: template)
        let routes: [Envoy_Config_Route_V3_Route] = [
            .to("exact") { $0.path = "/exact" }, .to("prefix") { $0.prefix = "/pre" },
            .to("separated") { $0.pathSeparatedPrefix = "/part" },
            .to("regex") { $0.safeRegex.regex = "/v1/users/\\d+" },
            .to("folded") {
                $0.prefix = "/fold"
                $0.caseSensitive = false
            },
            .to("template") { $0.pathMatchPolicy.typedConfig = config }, .to("all"),
        ]
        #expect(try route(routes, path) == expected)
    }

    @Test("To the conformance tests a regular expression may match a part of the path, and nothing else counts")
    func conformance() throws {
        let routes: [Envoy_Config_Route_V3_Route] = [
            .to("regex") {
                $0.safeRegex.regex = "b"
                $0.headers = [.with { $0.name = "missing" }]
            }
        ]
        #expect(try route(routes, "/abc", policy: .conformance) == "regex")
        #expect(try route(routes, "/abc") == "")
        #expect(try route(routes, "b", policy: .envoy) { $0.headers = ["missing": [""]] } == "regex")
    }

    private static let headerMatches:
        [(String, @Sendable (inout Envoy_Config_Route_V3_HeaderMatcher) -> Void, [Bool])] = [
            ("present", { $0.presentMatch = true }, [false, true, true, true]),
            ("absent", { $0.presentMatch = false }, [true, false, false, false]),
            ("nothing asked", { _ in }, [false, true, true, true]),
            ("exact", { $0.stringMatch.exact = "v1" }, [false, true, false, true]),
            ("joined", { $0.stringMatch.exact = "v1,12" }, [false, false, false, false]),
            ("prefix", { $0.stringMatch.prefix = "v" }, [false, true, false, true]),
            ("suffix", { $0.stringMatch.suffix = "2" }, [false, false, true, true]),
            ("part", { $0.stringMatch.contains = "1" }, [false, true, true, true]),
            ("regex", { $0.stringMatch.safeRegex.regex = "[0-9]+" }, [false, false, true, true]),
            (
                "any case",
                {
                    $0.stringMatch.exact = "V1"
                    $0.stringMatch.ignoreCase = true
                }, [false, true, false, true]
            ),
            ("range", { $0.rangeMatch = .with { ($0.start, $0.end) = (12, 13) } }, [false, false, true, true]),
            (
                "end of range", { $0.rangeMatch = .with { ($0.start, $0.end) = (10, 12) } },
                [false, false, false, false]
            ),
            (
                "not",
                {
                    $0.stringMatch.exact = "v1"
                    $0.invertMatch = true
                }, [false, false, true, false]
            ),
            (
                "not, or missing",
                {
                    $0.stringMatch.exact = "v1"
                    $0.invertMatch = true
                    $0.treatMissingHeaderAsEmpty = true
                }, [true, false, true, false]
            ),
        ]

    @Test("Headers: missing, v1, 12, and both of them", arguments: 0..<headerMatches.count)
    func headers(index: Int) throws {
        let (words, match, expected) = Self.headerMatches[index]
        let routes: [Envoy_Config_Route_V3_Route] = [
            .to("matched") {
                $0.prefix = "/"
                $0.headers = [
                    .with {
                        $0.name = "X-Version"
                        match(&$0)
                    }
                ]
            }
        ]
        let values: [[String]?] = [nil, ["v1"], ["12"], ["v1", "12"]]
        let found = try values.map { value in
            try route(routes, "/") { $0.headers["x-version"] = value } == "matched"
        }
        #expect(found == expected, "\(words)")
    }

    @Test("Method, authority and scheme are headers")
    func pseudoHeaders() throws {
        let routes: [Envoy_Config_Route_V3_Route] = [
            .to("matched") {
                $0.prefix = "/"
                $0.headers = [(":method", "PUT"), (":authority", "host"), (":scheme", "http")].map { name, value in
                    .with {
                        $0.name = name
                        $0.stringMatch.exact = value
                    }
                }
            }
        ]
        #expect(try route(routes, "/") { $0.method = "PUT" } == "matched")
        #expect(try route(routes, "/") == "")
    }

    @Test(
        "Query parameters: the first of a name counts",
        arguments: [("/?v=1", true), ("/?v=2&v=1", false), ("/?a&v=1#v=2", true), ("/", false), ("/?v", false)])
    func queryParameters(path: String, expected: Bool) throws {
        let routes: [Envoy_Config_Route_V3_Route] = [
            .to("matched") {
                $0.prefix = "/"
                $0.queryParameters = [
                    .with {
                        $0.name = "v"
                        $0.stringMatch.exact = "1"
                    }
                ]
            }
        ]
        #expect(try route(routes, path) == (expected ? "matched" : ""))
    }

    @Test("CONNECT goes by routes of its own")
    func connect() throws {
        let routes: [Envoy_Config_Route_V3_Route] = [.to("paths"), .to("connect") { $0.connectMatcher = .init() }]
        #expect(try route(routes, "/") { $0.method = "CONNECT" } == "connect")
        #expect(try route(routes.reversed(), "/") == "paths")
    }

    @Test("A route that takes none of the calls is passed over, with the reason")
    func reasons() throws {
        let result = try ProxyConfiguration.serving(
            .init([
                .init(
                    "all", ["*"],
                    [
                        .to("never") {
                            $0.prefix = "/"
                            $0.runtimeFraction.defaultValue.numerator = 0
                        }, .to("a") { $0.prefix = "/a" }, .to("all"),
                    ])
            ])
        ).answer("/b")
        #expect(result.route == "all")
        let step = try #require(result.steps.first { $0.kind == .route })
        #expect(step.passedOver == ["never: it takes none of the calls", "a: path /b is not beginning with /a"])
    }
}
