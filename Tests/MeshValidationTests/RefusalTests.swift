import KubernetesModel
import MeshValidation
import Testing

/// What is refused although the mesh could make something of it, and what is taken although it is unusual.
@Suite struct RefusalTests {
    private static let groups = [
        "AuthorizationPolicy": "security.istio.io/v1", "Telemetry": "telemetry.istio.io/v1",
        "WasmPlugin": "extensions.istio.io/v1alpha1", "EnvoyFilter": "networking.istio.io/v1alpha3",
    ]

    private func refusals(_ kind: String, _ spec: String) throws -> [String] {
        let object: JSONValue = [
            "apiVersion": .string(Self.groups[kind] ?? "networking.istio.io/v1"), "kind": .string(kind),
            "metadata": ["name": "x", "namespace": "shop"],
            "spec": try #require(try JSONValue.documents(yaml: spec).first),
        ]
        return configurationDiagnostics(of: UnstructuredObject(object)).filter { $0.severity == .error }.map(\.path)
    }

    private func expect(_ kind: String, _ spec: String, _ path: String?) throws {
        let found = try refusals(kind, spec)
        #expect(path.map { found == [$0] } ?? found.isEmpty, "\(kind) \(spec): \(found)")
    }

    // MARK: - Names

    @Test(
        arguments: [
            ("*.example.com", true), ("*example.com", true), ("*-a.example.com", true), ("example.com.", true),
            ("reviews", true), ("10.1.2.3", true), ("2001:db8::1", true), ("a.*.com", false), ("a_b.com", false),
            ("-a.com", false), ("a..b", false), ("a.123", false), ("a.123.", true), ("a.b..", false), (".", false),
            ("10.1.2.3/8", false), ("", false), ("*", false),
        ])
    func hostsOfVirtualServices(_ host: String, _ isTaken: Bool) throws {
        let path = host == "*" ? "spec.hosts" : "spec.hosts[0]"
        try expect(
            "VirtualService", "{hosts: ['\(host)'], http: [{route: [{destination: {host: b}}]}]}", isTaken ? nil : path)
    }

    @Test(
        arguments: [
            ("*.example.com", true), ("*example.com", true), ("*", true), ("a.b.", true), ("a b", false),
            ("a_b", false), ("10.1.1.1", false), ("", false),
        ])
    func hostsOfDestinationRules(_ host: String, _ isTaken: Bool) throws {
        try expect("DestinationRule", "{host: '\(host)'}", isTaken ? nil : "spec.host")
    }

    @Test(
        arguments: [
            ("*.example.com", true), ("*example.com", true), ("ns/*", true), ("./*", true), ("~/*", true),
            ("*/*.a.com", true), ("a.com.", true), ("a/b/c", false), ("/a", false), ("a/", false), ("a_b.com", false),
            ("10.1.1.1", true), ("ns/10.1.1.1", true), ("2001:db8::1", true), ("ns_1/a.com", false),
        ])
    func hostsOfGateways(_ host: String, _ isTaken: Bool) throws {
        try expect(
            "Gateway",
            "{selector: {a: b}, servers: [{port: {number: 80, name: a, protocol: HTTP}, hosts: ['\(host)']}]}",
            isTaken ? nil : "spec.servers[0].hosts[0]")
    }

    /// Proxies compare what clients ask for in TLS with whole labels.
    @Test func aPartOfALabelIsNoNameInTLS() throws {
        try expect(
            "Gateway",
            """
            {selector: {a: b}, servers: [{port: {number: 443, name: a, protocol: HTTPS}, hosts: ['*example.com'],
             tls: {mode: SIMPLE, credentialName: a}}]}
            """, "spec.servers[0].hosts[0]")
    }

    @Test(
        arguments: [
            ("./*", true), ("*/*.a.com", true), ("*/*a.com", true), ("~/*", true), ("a.com", false), ("a/b/c", false),
            ("A_b/*", false),
        ])
    func hostsOfSidecars(_ host: String, _ isTaken: Bool) throws {
        try expect("Sidecar", "{egress: [{hosts: ['\(host)']}]}", isTaken ? nil : "spec.egress[0].hosts[0]")
    }

    @Test(
        arguments: [
            ("[.]", nil), ("['*']", nil), ("[a, b]", nil), ("['~']", "spec.exportTo[0]"),
            ("['*', a]", "spec.exportTo[0]"),
            ("[a, a]", "spec.exportTo[1]"), ("[., shop]", "spec.exportTo[1]"), ("[A_b]", "spec.exportTo[0]"),
        ] as [(String, String?)])
    func namespacesThatSeeAnObject(_ exportTo: String, _ path: String?) throws {
        try expect("DestinationRule", "{host: a, exportTo: \(exportTo)}", path)
        try expect(
            "VirtualService",
            "{hosts: [a], exportTo: \(exportTo), http: [{route: [{destination: {host: b}}]}]}", path)
        try expect("ServiceEntry", "{hosts: [a.b], exportTo: \(exportTo)}", exportTo == "['~']" ? nil : path)
    }

    // MARK: - Kinds

    @Test(
        arguments: [
            ("retries: {attempts: 0}", nil), ("retries: {backoff: 25ms}", nil),
            ("retries: {attempts: 0, retryOn: 5xx}", "retries.attempts"),
            ("fault: {delay: {fixedDelay: 1s, percent: 101}}", "fault.delay.percent"),
            ("corsPolicy: {maxAge: 24h}", nil), ("corsPolicy: {maxAge: 1500ms}", "corsPolicy.maxAge"),
            ("headers: {request: {set: {':authority': a, Host: b}}}", nil),
            ("headers: {request: {set: {':path': /a}}}", #"headers.request.set[":path"]"#),
            ("headers: {request: {remove: [a, ':path']}}", "headers.request.remove[1]"),
            ("headers: {request: {remove: [Host]}}", "headers.request.remove[0]"),
            ("headers: {response: {add: {Host: a}}}", "headers.response.add.Host"),
            ("headers: {response: {remove: [':status']}}", "headers.response.remove[0]"),
            ("mirror: {host: a_b}", "mirror.host"),
            ("match: [{sourceLabels: {app: a}}]", nil),
            ("match: [{sourceLabels: {'a b': x}}]", #"match[0].sourceLabels["a b"]"#),
            ("match: [{sourceLabels: {app: 'a b'}}]", "match[0].sourceLabels.app"),
        ] as [(String, String?)])
    func routes(_ rule: String, _ path: String?) throws {
        try expect(
            "VirtualService", "{hosts: [a.com], http: [{route: [{destination: {host: b}}], \(rule)}]}",
            path.map { "spec.http[0].\($0)" })
    }

    @Test(
        arguments: [
            ("host: a, port: {number: 80}, subset: v1", nil), ("host: 10.1.1.1", "host"),
            ("host: a, port: {}", "port.number"),
            ("host: a, port: {number: 0}", "port.number"), ("host: a, subset: v1.2", "subset"), ("host: a.b.", nil),
        ] as [(String, String?)])
    func destinations(_ destination: String, _ path: String?) throws {
        try expect(
            "VirtualService", "{hosts: [a.com], tcp: [{route: [{destination: {\(destination)}}]}]}",
            path.map { "spec.tcp[0].route[0].destination.\($0)" })
    }

    @Test func hostsThatAreAmongOthers() throws {
        let rest = "http: [{redirect: {redirectCode: 307}}]"
        try expect("VirtualService", "{hosts: [a.foo.com, '*.foo.com', b.com], \(rest)}", "spec.hosts[1]")
        try expect("VirtualService", "{hosts: [a.foo.com, '*.b.foo.com', foo.com], \(rest)}", nil)
    }

    @Test(
        arguments: [
            ("subsets: [{name: v1.2}]", "subsets[0].name"),
            ("subsets: [{name: v1, labels: {'a b': c}}]", #"subsets[0].labels["a b"]"#),
            ("workloadSelector: {matchLabels: {a: b}}, exportTo: ['.']", nil),
            ("workloadSelector: {matchLabels: {a: b}}, exportTo: [shop]", nil),
            ("workloadSelector: {matchLabels: {a: b}}, exportTo: [other]", "exportTo[0]"),
            ("trafficPolicy: {portLevelSettings: [{port: {number: 80}}]}", "trafficPolicy.portLevelSettings[0]"),
            ("trafficPolicy: {tls: {mode: ISTIO_MUTUAL, caCertificates: a}}", nil),
            (
                "trafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: true, credentialName: a}}",
                "trafficPolicy.tls.insecureSkipVerify"
            ),
        ] as [(String, String?)])
    func treatment(_ fields: String, _ path: String?) throws {
        try expect("DestinationRule", "{host: a, \(fields)}", path.map { "spec.\($0)" })
    }

    @Test(
        arguments: [
            ("distribute: [{from: 'a/*', to: {b: 100}}, {from: b, to: {b: 100}}]", nil),
            ("distribute: [{from: 'a/*', to: {b: 100}}, {from: a/z, to: {b: 100}}]", "distribute[1].from"),
            ("distribute: [{from: a/z, to: {b: 100}}, {from: 'a/*', to: {b: 100}}]", nil),
            ("distribute: [{from: a/z/s, to: {b: 100}}, {from: '*', to: {b: 100}}]", nil),
            ("distribute: [{from: a, to: {'b/*': 50, b/c: 50}}]", nil),
            ("failover: [{from: a, to: b}], failoverPriority: [c]", nil),
            ("failover: [{from: a, to: b}], failoverPriority: [topology.kubernetes.io/region]", "failoverPriority"),
            ("failover: [{from: a, to: b}], failoverPriority: [topology.kubernetes.io/region=eu, tier=gold]", nil),
        ] as [(String, String?)])
    func places(_ setting: String, _ path: String?) throws {
        try expect(
            "DestinationRule",
            "{host: a, trafficPolicy: {loadBalancer: {localityLbSetting: {\(setting)}}}}",
            path.map { "spec.trafficPolicy.loadBalancer.localityLbSetting.\($0)" })
    }

    @Test(
        arguments: [
            ("HTTP", "tls: {httpsRedirect: true}", nil), ("HTTP", "tls: {mode: AUTO_PASSTHROUGH}", nil),
            ("HTTP", "tls: {mode: SIMPLE, credentialName: a}", "tls"),
            ("HTTP", "tls: {httpsRedirect: true, privateKey: a}", "tls.privateKey"),
            ("TCP", "tls: {mode: SIMPLE, credentialName: a}", "tls"),
            ("HTTPS", "tls: {mode: ISTIO_MUTUAL}", nil),
            ("HTTPS", "tls: {mode: ISTIO_MUTUAL, credentialName: a}", "tls.credentialName"),
            ("HTTP", "bind: 10.0.0.1", nil), ("HTTP", "bind: 'unix:///run/a'", nil), ("HTTP", "bind: 'unix://@a'", nil),
            ("HTTP", "bind: 'unix://a'", "bind"),
        ] as [(String, String, String?)])
    func servers(_ meshProtocol: String, _ fields: String, _ path: String?) throws {
        let port = fields.contains("unix") ? 0 : 80
        try expect(
            "Gateway",
            """
            {selector: {a: b}, servers: [{port: {number: \(port), name: a, protocol: \(meshProtocol)}, hosts: ['*'],
             \(fields)}]}
            """, path.map { "spec.servers[0].\($0)" })
    }

    @Test(
        arguments: [
            ("ServiceEntry", "{hosts: [a.b], ports: [{number: 80, name: a, protocol: FOO}]}", "spec.ports[0].protocol"),
            ("ServiceEntry", "{hosts: [a.b], ports: [{number: 80, name: a_b, protocol: HTTP}]}", "spec.ports[0].name"),
            ("ServiceEntry", "{hosts: [a.b], ports: [{number: 80, name: a, protocol: grpc-web}]}", nil),
            (
                "ServiceEntry",
                "{hosts: [a.b], resolution: STATIC, endpoints: [{address: 1.1.1.1, labels: {'a b': c}}]}",
                #"spec.endpoints[0].labels["a b"]"#
            ),
            (
                "ServiceEntry", "{hosts: [a.b], resolution: DNS, endpoints: [{address: 'a b'}]}",
                "spec.endpoints[0].address"
            ),
            ("WorkloadEntry", "{address: 1.1.1.1, labels: {a: 'b c'}}", "spec.labels.a"),
            ("WorkloadGroup", "{metadata: {labels: {a: 'b c'}}, template: {}}", "spec.metadata.labels.a"),
            ("WorkloadGroup", "{template: {labels: {a: 'b c'}}}", nil),
            (
                "Sidecar", "{egress: [{port: {number: 80, name: a, protocol: FOO}, hosts: [./*]}]}",
                "spec.egress[0].port.protocol"
            ),
            ("Sidecar", "{ingress: [{port: {number: 53, name: a, protocol: UDP}}], egress: [{hosts: [./*]}]}", nil),
            (
                "Sidecar",
                "{egress: [{bind: 'unix:///a', captureMode: IPTABLES, port: {number: 0, protocol: HTTP}, hosts: [./*]}]}",
                "spec.egress[0].captureMode"
            ),
        ] as [(String, String, String?)])
    func entriesAndSidecars(_ kind: String, _ spec: String, _ path: String?) throws { try expect(kind, spec, path) }

    @Test(
        arguments: [
            ("{}", nil), ("{action: DENY}", nil), ("{action: CUSTOM, provider: {name: x}}", nil),
            ("{action: CUSTOM, rules: [{}]}", "spec.provider.name"), ("{provider: {name: x}}", "spec.provider"),
            ("{rules: [{to: [{operation: {paths: ['/a/{*}/']}}]}]}", nil),
            ("{rules: [{to: [{operation: {paths: ['/a b/{*}']}}]}]}", "spec.rules[0].to[0].operation.paths[0]"),
            ("{rules: [{to: [{operation: {paths: ['/a//{*}']}}]}]}", "spec.rules[0].to[0].operation.paths[0]"),
        ] as [(String, String?)])
    func authorization(_ spec: String, _ path: String?) throws {
        try expect("AuthorizationPolicy", spec, path)
    }

    @Test(
        arguments: [
            ("response.code >= 400", true), ("foo(bar)", true), ("[1, 2].exists(x, x == 1)", true),
            ("{'a': 1}.a > 0", true),
            ("response.code >=", false), ("(a", false), ("a b", false), ("'open", false),
        ])
    func expressionsOfLogs(_ expression: String, _ isTaken: Bool) throws {
        let text = JSONValue.string(expression).jsonText
        try expect(
            "Telemetry", "{accessLogging: [{filter: {expression: \(text)}}]}",
            isTaken ? nil : "spec.accessLogging[0].filter.expression")
    }

    @Test func furtherPolicies() throws {
        try expect(
            "Telemetry", "{tracing: [{customTags: {'': {literal: {value: x}}}}]}", #"spec.tracing[0].customTags[""]"#)
        try expect(
            "WasmPlugin", "{url: a, vmConfig: {env: [{name: A, value: b}, {name: A, value: b}]}}",
            "spec.vmConfig.env[1]")
        let patch = "patch: {operation: INSERT_FIRST, value: {name: x}}"
        func filter(_ match: String) -> String {
            "{configPatches: [{applyTo: HTTP_FILTER, match: {listener: {filterChain: {filter: {\(match)}}}}, \(patch)}]}"
        }
        let place = "spec.configPatches[0].match.listener.filterChain.filter"
        try expect("EnvoyFilter", filter("name: foo, subFilter: {name: x}"), "\(place).name")
        try expect("EnvoyFilter", filter("subFilter: {name: x}"), "\(place).name")
        let manager = "name: envoy.filters.network.http_connection_manager"
        try expect("EnvoyFilter", filter("\(manager), subFilter: {name: x}"), nil)
        try expect("EnvoyFilter", filter("\(manager), subFilter: {}"), "\(place).subFilter.name")
        try expect("EnvoyFilter", filter(manager), nil)
    }
}
