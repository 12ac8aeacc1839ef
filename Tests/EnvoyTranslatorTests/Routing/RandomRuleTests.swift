import EnvoyTesting
import EnvoyTranslator
import KubernetesModel
import MeshModel
import MeshTesting
import MeshTranslator
import Testing

@Suite("Rules with values of all sorts", .enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)"))
struct RandomRuleTests {
    @Test("What is taken of them, a real Envoy takes too", arguments: UInt64(1)...12)
    func isValid(seed: UInt64) throws {
        var random = RandomRules(generator: SeededGenerator(seed: seed))
        let services: [JSONValue] = ["web", "db"].map { name in
            [
                "apiVersion": "v1", "kind": "Service", "metadata": ["name": .string(name), "namespace": "default"],
                "spec": [
                    "clusterIP": name == "web" ? "10.0.0.1" : "10.0.0.2",
                    "ports": [
                        ["name": "http", "port": 80], ["name": "tcp", "port": 90], ["name": "tls", "port": 443],
                    ],
                ],
            ]
        }
        let objects = (0..<250).map { random.object(number: $0) }
        let mesh = try RoutedMesh([["namespace": "default"]] + services + objects)
        let taken = mesh.translation.snapshot.configuration.virtualServices.all.count
        #expect((20..<240).contains(taken), "\(taken) of \(objects.count) make sense")
        let verdict = try EnvoyProgram.validate(try .containing(try mesh.resources()))
        #expect(verdict.isValid, "\(verdict.output)")
    }
}

/// VirtualServices of which some make sense.
private struct RandomRules {
    var generator: SeededGenerator

    private mutating func pick(_ values: JSONValue...) -> JSONValue { values.randomElement(using: &generator) ?? .null }
    private mutating func chance(_ share: Int) -> Bool { Int.random(in: 0..<share, using: &generator) == 0 }

    mutating func object(number: Int) -> JSONValue {
        var spec: JSONValue = ["hosts": [.string("host-\(number).example.com")], "http": [httpRule(), httpRule()]]
        if chance(10) {
            spec["hosts"] = ["db"]
            spec["tcp"] = [
                ["match": [["destinationSubnets": [subnet()]]], "route": [["destination": ["host": "web"]]]]
            ]
            spec["tls"] = [
                [
                    "match": [["sniHosts": [pick("db", "db.default.svc.cluster.local")]]],
                    "route": [["destination": ["host": "db"]]],
                ]
            ]
        }
        return [
            "apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
            "metadata": ["name": .string("v\(number)"), "namespace": "default"], "spec": spec,
        ]
    }

    private mutating func subnet() -> JSONValue { pick("10.0.0.0/8", "10.1.2.3", "::/0", "10.0.0.0/0", "1.2.3.4/31") }

    private mutating func text() -> JSONValue {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0, 1: ["prefix": pick("/", "/a", "a%20b", "*")]
        case 2, 3: ["exact": pick("/", "x", "a b", "%", "\u{e9}")]
        case 4: [:]
        default: ["regex": expression()]
        }
    }

    private mutating func expression() -> JSONValue {
        let parts = [
            "a", ".", "*", "+?", "(", ")", "[a-z]", "\\d", "|", "{2,3}", "(?:b)", "^", "$", "\\", "[^", "]", "\\pL",
        ]
        let count = Int.random(in: 1...4, using: &generator)
        return .string((0..<count).map { _ in parts.randomElement(using: &generator) ?? "" }.joined())
    }

    private mutating func headers() -> JSONValue {
        let name = pick("x-a", "x b", ":path", "host", ":authority", "X_Y", "x-\u{e9}").string ?? ""
        let value = pick(
            "a", "%REQ(x)%", "%", "%%", "50%% off", "%START_TIME%", "%START_TIME(%s)%", "%UPSTREAM_HOST%", "%FOO%",
            "%REQ(a):10%", "a\nb", "%DYNAMIC_METADATA(a:b)%", "%DOWNSTREAM_PEER_URI_SAN%", "%RESPONSE_FLAGS%", "",
            "%GRPC_STATUS(SNAKE_STRING)%", "%PROTOCOL", "%HOSTNAME%", "%REQ%", "%TRACE_ID%")
        return [
            "request": [pick("set", "add").string ?? "": [name: value]],
            "response": ["remove": [pick("x-a", "bad name")]],
        ]
    }

    private mutating func httpRule() -> JSONValue {
        var rule: JSONValue = [:]
        if !chance(4) {
            var match: JSONValue = [:]
            if chance(2) { match["uri"] = text() }
            if chance(4) {
                match["headers"] = [pick("x-a", "x b", ":method", "@request.auth.claims.sub").string ?? "": text()]
            }
            if chance(6) { match["withoutHeaders"] = ["x-c": text()] }
            if chance(6) { match["queryParams"] = [pick("q", "").string ?? "": text()] }
            if chance(8) { match["method"] = text() }
            rule["match"] = [match]
        }
        switch Int.random(in: 0..<8, using: &generator) {
        case 0:
            rule["redirect"] = [
                "uri": pick("/x", "%PREFIX()%/y", "", "a\rb"), "authority": pick("", "x.com", "a b"),
                "redirectCode": pick(0, 302, 303, 310),
            ]
            return rule
        case 1:
            rule["directResponse"] = ["status": pick(200, 599, 600, 199), "body": ["string": pick("", "x", "%REQ(")]]
            return rule
        default: break
        }
        rule["route"] = [
            [
                "destination": ["host": pick("web", "nobody", "*.example.com", "UPPER.example.com")],
                "weight": pick(0, 1, 4_000_000_000),
            ]
        ]
        if chance(4) {
            rule["route"] = [
                ["destination": ["host": "web", "subset": pick("v1", "")], "weight": pick(0, 1, 2_000_000_000)],
                ["destination": ["host": "web"], "weight": pick(0, 99, 2_147_483_647)],
                ["destination": ["host": "db"], "weight": pick(0, 2_147_483_647)],
            ]
        }
        if chance(4) { rule["headers"] = headers() }
        if chance(5) { rule["timeout"] = pick("1ms", "0s", "1h", "87600h", "-1s") }
        if chance(5) {
            rule["retries"] = [
                "attempts": pick(0, 1, 2_147_483_647), "retryOn": pick("5xx", "503", "99", "x", "reset,,503", ""),
                "perTryTimeout": pick("1ms", "5s"), "backoff": pick("1ms", "1h"),
            ]
        }
        if chance(6) {
            rule["fault"] = [
                "delay": ["fixedDelay": pick("1ms", "1h"), "percentage": ["value": pick(0, 0.00001, 100)]],
                "abort": ["httpStatus": pick(200, 599, 0), "percentage": ["value": pick(0, 100)]],
            ]
        }
        if chance(6) {
            rule["rewrite"] = [
                "uriRegexRewrite": ["match": expression(), "rewrite": pick("x", "\\1", "\\0", "\\\\", "\\", "/\u{e9}")]
            ]
        } else if chance(6) {
            rule["rewrite"] = ["uri": pick("/", "x", "//"), "authority": pick("", "x.com", "\u{e9}")]
        }
        if chance(6) { rule["mirror"] = ["host": "db"] }
        if chance(6) {
            rule["corsPolicy"] = [
                "allowOrigins": [text()], "maxAge": pick("1s", "1ms"), "allowHeaders": [pick("x", "*", "a b")],
            ]
        }
        return rule
    }
}
