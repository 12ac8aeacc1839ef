import KubernetesModel
import MeshTesting
import MeshValidation
import Testing

/// What may enter the mesh, and what is said of what may not.
@Suite struct JudgementTests {
    private func errors(_ group: String, _ kind: String, _ version: String = "v1", _ spec: JSONValue?) -> [String] {
        var object: JSONValue = [
            "apiVersion": .string("\(group)/\(version)"), "kind": .string(kind),
            "metadata": ["name": "x", "namespace": "shop"],
        ]
        object["spec"] = spec
        return configurationDiagnostics(of: UnstructuredObject(object)).filter { $0.severity == .error }.map(\.path)
    }

    static let networking = "networking.istio.io"

    @Test(
        arguments: [
            ("networking.istio.io", "Gateway", ["servers": []], "spec.servers"),
            (
                "networking.istio.io", "ServiceEntry",
                [
                    "hosts": ["a.b"], "workloadSelector": [:], "endpoints": [["address": "1.2.3.4"]],
                    "resolution": "STATIC",
                ],
                "spec"
            ),
            (
                "networking.istio.io", "ServiceEntry",
                ["hosts": ["a.b"], "ports": [["name": "a", "number": 99999]]], "spec.ports[0].number"
            ),
            (
                "networking.istio.io", "ServiceEntry",
                ["hosts": ["a.b"], "ports": [["name": "a", "number": 1], ["name": "b", "number": 1]]], "spec.ports"
            ),
            ("networking.istio.io", "WorkloadEntry", [:], "spec"),
            (
                "networking.istio.io", "WorkloadEntry", ["address": "1.1.1.1", "ports": ["http": 99999]],
                "spec.ports.http"
            ),
            (
                "networking.istio.io", "EnvoyFilter",
                [
                    "configPatches": [
                        ["applyTo": "HTTP_FILTER", "match": ["context": "WAYPOINT", "listener": [:]], "patch": [:]]
                    ]
                ], "spec.configPatches[0].match"
            ),
            (
                "security.istio.io", "PeerAuthentication",
                ["selector": ["matchLabels": ["a": "b"]], "portLevelMtls": ["0": ["mode": "STRICT"]]],
                "spec.portLevelMtls"
            ),
            ("security.istio.io", "PeerAuthentication", ["portLevelMtls": ["80": ["mode": "STRICT"]]], "spec"),
            (
                "security.istio.io", "AuthorizationPolicy",
                ["rules": [["from": [["source": ["serviceAccounts": ["a/b"], "namespaces": ["a"]]]]]]],
                "spec.rules[0].from[0].source"
            ),
            (
                "telemetry.istio.io", "Telemetry",
                ["metrics": [["overrides": [["tagOverrides": ["a": ["operation": "UPSERT"]]]]]]],
                "spec.metrics[0].overrides[0].tagOverrides.a"
            ),
            (
                "extensions.istio.io", "WasmPlugin",
                ["url": "http://x", "selector": ["matchLabels": ["a*": "b"]]], "spec.selector.matchLabels"
            ),
        ] as [(String, String, JSONValue, String)])
    func faultsAreToldWithTheirPlace(_ group: String, _ kind: String, _ spec: JSONValue, _ path: String) {
        let version = ["EnvoyFilter": "v1alpha3", "WasmPlugin": "v1alpha1"][kind] ?? "v1"
        let found = errors(group, kind, version, spec)
        #expect(found.contains(path), "\(found)")
    }

    @Test func goodObjectsPass() {
        #expect(
            errors(
                Self.networking, "Gateway", "v1",
                [
                    "selector": ["istio": "ingressgateway"],
                    "servers": [
                        ["port": ["number": 80, "name": "http", "protocol": "HTTP"], "hosts": ["a.example.com"]]
                    ],
                ]) == [])
        #expect(
            errors("security.istio.io", "PeerAuthentication", "v1", ["mtls": ["mode": "STRICT"]]) == [])
        #expect(errors("security.istio.io", "PeerAuthentication", "v1", nil) == [])
        #expect(errors("apps", "Deployment", "v1", [:]) == [])
        #expect(errors(Self.networking, "FromTomorrow", "v1", ["x": 1]) == [])
    }

    @Test func anUnknownVersionIsToldWithThoseThereAre() {
        #expect(errors(Self.networking, "Gateway", "v7", ["servers": []]) == ["apiVersion"])
        #expect(errors(Self.networking, "WorkloadEntry", "v1", nil) == ["spec"])
    }

    /// Objects near good ones, made by chance: a verdict, never a crash.
    @Test(arguments: 0..<20) func neverCrashes(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let words = ["", "*", "a.b", "0", "-1", "unix://x", "1h", "100%", "HTTP", "é", "STRICT", "http://", "/"]
        func value(_ depth: Int) -> JSONValue {
            switch Int.random(in: 0..<(depth > 4 ? 5 : 8), using: &random) {
            case 0: .null
            case 1: .integer(Int64.random(in: -3...70000, using: &random))
            case 2: .bool(Bool.random(using: &random))
            case 3: .double(1.5)
            case 4: .string(words.randomElement(using: &random) ?? "")
            case 5: .array((0..<Int.random(in: 0..<3, using: &random)).map { _ in value(depth + 1) })
            default: object(depth + 1)
            }
        }
        let fields = [
            "hosts", "http", "tcp", "tls", "servers", "port", "number", "name", "route", "destination", "selector",
            "matchLabels", "endpoints", "address", "ports", "rules", "from", "source", "mtls", "mode", "portLevelMtls",
            "subsets", "trafficPolicy", "configPatches", "match", "patch", "value", "url", "weight", "metrics", "tags",
        ]
        func object(_ depth: Int) -> JSONValue {
            var result: JSONValue = [:]
            for _ in 0..<Int.random(in: 0..<6, using: &random) {
                result[fields.randomElement(using: &random) ?? ""] = value(depth)
            }
            return result
        }
        let kinds = [
            ("networking.istio.io/v1", "Gateway"), ("networking.istio.io/v1", "VirtualService"),
            ("networking.istio.io/v1", "DestinationRule"), ("networking.istio.io/v1", "ServiceEntry"),
            ("networking.istio.io/v1", "WorkloadEntry"), ("networking.istio.io/v1", "Sidecar"),
            ("networking.istio.io/v1alpha3", "EnvoyFilter"), ("security.istio.io/v1", "AuthorizationPolicy"),
            ("security.istio.io/v1", "RequestAuthentication"), ("security.istio.io/v1", "PeerAuthentication"),
            ("telemetry.istio.io/v1", "Telemetry"), ("extensions.istio.io/v1alpha1", "WasmPlugin"),
        ]
        var refused = 0
        for _ in 0..<200 {
            let (version, kind) = kinds[Int.random(in: 0..<kinds.count, using: &random)]
            let object: JSONValue = [
                "apiVersion": .string(version), "kind": .string(kind), "metadata": value(3), "spec": object(0),
            ]
            if configurationDiagnostics(of: UnstructuredObject(object)).hasErrors { refused += 1 }
        }
        #expect(refused > 20, "objects made by chance are mostly wrong")
    }
}
