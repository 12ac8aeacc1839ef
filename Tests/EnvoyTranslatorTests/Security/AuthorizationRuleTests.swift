import EnvoyTranslator
import KubernetesModel
import MeshModel
import Testing

@Suite("What rules of an AuthorizationPolicy become")
struct AuthorizationRuleTests {
    private func policy(_ spec: String, name: String = "p", namespace: String = "default") -> String {
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: \(name), namespace: \(namespace)}
        spec: \(spec)
        ---

        """
    }

    private func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: text) }

    private func permissions(_ to: String) throws -> JSONValue? {
        let rules = try policyMesh(policy("{rules: [{to: [{operation: {\(to)}}]}]}")).onlyRules()
        let policy = rules["policies"]?["ns[default]-policy[p]-rule[0]"]
        #expect(try policy?["principals"] == json(#"[{"andIds": {"ids": [{"any": true}]}}]"#))
        return policy?["permissions"]?.array?.first?["andRules", "rules"]
    }

    private func principals(_ from: String, when: String = "[]") throws -> JSONValue? {
        let rules = try policyMesh(policy("{rules: [{from: [{source: {\(from)}}], when: \(when)}]}")).onlyRules()
        let policy = rules["policies"]?["ns[default]-policy[p]-rule[0]"]
        #expect(try policy?["permissions"] == json(#"[{"andRules": {"rules": [{"any": true}]}}]"#))
        return policy?["principals"]?.array?.first?["andIds", "ids"]
    }

    @Test("Hosts are compared without case; a star is for all that is there")
    func hosts() throws {
        let expected = """
            [{"orRules": {"rules": [
              {"header": {"name": ":authority", "stringMatch": {"exact": "a.b", "ignoreCase": true}}},
              {"header": {"name": ":authority", "stringMatch": {"suffix": ".c", "ignoreCase": true}}},
              {"header": {"name": ":authority", "presentMatch": true}}]}},
             {"notRule": {"orRules": {"rules": [
              {"header": {"name": ":authority", "stringMatch": {"prefix": "d.", "ignoreCase": true}}}]}}}]
            """
        #expect(try permissions("hosts: [a.b, '*.c', '*'], notHosts: ['d.*']") == json(expected))
    }

    @Test("Paths are exact, have a star at one end, or are templates")
    func paths() throws {
        let found = try permissions("paths: [/a, /b/*, '*/c', '*', '/d/{*}/e', '/f/{**}']")
        let type = "type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig"
        let expected = """
            [{"orRules": {"rules": [
              {"urlPath": {"path": {"exact": "/a"}}}, {"urlPath": {"path": {"prefix": "/b/"}}},
              {"urlPath": {"path": {"suffix": "/c"}}}, {"urlPath": {"path": {"safeRegex": {"regex": ".+"}}}},
              {"uriTemplate": {"name": "uri-template", "typedConfig": {"@type": "\(type)", "pathTemplate": "/d/*/e"}}},
              {"uriTemplate": {"name": "uri-template", "typedConfig": {"@type": "\(type)", "pathTemplate": "/f/**"}}}
            ]}}]
            """
        #expect(try found == json(expected))
    }

    @Test("Peers go by their certificate: identities, namespaces, service accounts and trust domains")
    func peers() throws {
        func named(_ from: String) throws -> [JSONValue] {
            let ids = try principals(from)?.array?.first?["orIds", "ids"]?.array ?? []
            return ids.compactMap { $0["authenticated", "principalName"] }
        }
        #expect(
            try named("principals: [td/ns/a/sa/b, 'td/*', '*/sa/c', '*']") == [
                json(#"{"exact": "spiffe://td/ns/a/sa/b"}"#), json(#"{"prefix": "spiffe://td/"}"#),
                json(#"{"safeRegex": {"regex": "spiffe://.*/sa/c"}}"#), json(#"{"safeRegex": {"regex": ".+"}}"#),
            ])
        #expect(
            try named("namespaces: [a.b, 'c-*']") == [
                json(#"{"safeRegex": {"regex": ".*/ns/a\\.b/.*"}}"#),
                json(#"{"safeRegex": {"regex": ".*/ns/c-.*/.*"}}"#),
            ])
        #expect(
            try named("serviceAccounts: [own, other/theirs]") == [
                json(#"{"safeRegex": {"regex": "spiffe://.+/ns/default/(.+/|)sa/own(/.+)?"}}"#),
                json(#"{"safeRegex": {"regex": "spiffe://.+/ns/other/(.+/|)sa/theirs(/.+)?"}}"#),
            ])
        #expect(
            try named("trustDomains: [td, 'x*']") == [
                json(#"{"prefix": "spiffe://td/"}"#), json(#"{"prefix": "spiffe://x"}"#),
            ])
    }

    @Test("A token's principal is its issuer and its subject, divided by the last slash")
    func requestPrincipals() throws {
        func matched(_ value: String) throws -> [JSONValue?] {
            let found = try principals("requestPrincipals: ['\(value)']")
            let both = found?.array?.first?["orIds", "ids"]?.array?.first?["andIds", "ids"]?.array ?? []
            #expect(
                both.map { $0["metadata", "filter"] } == [
                    "envoy.filters.http.jwt_authn", "envoy.filters.http.jwt_authn",
                ])
            return both.map { $0["metadata", "value", "stringMatch"] }
        }
        let some = try json(#"{"safeRegex": {"regex": ".+"}}"#)
        #expect(try matched("https://a.b/c") == [json(#"{"exact": "https://a.b"}"#), json(#"{"exact": "c"}"#)])
        #expect(try matched("https://a.b/*") == [json(#"{"exact": "https://a.b"}"#), some])
        #expect(try matched("https://a.b*") == [json(#"{"prefix": "https://a.b"}"#), some])
        #expect(try matched("https://a.b/c*") == [json(#"{"exact": "https://a.b"}"#), json(#"{"prefix": "c"}"#)])
        #expect(try matched("*/c") == [some, json(#"{"exact": "c"}"#)])
        #expect(try matched("*") == [some, some])
    }

    @Test(
        "Every key of a condition is known",
        arguments: [
            ("request.headers[x-a]", "header"), ("source.ip", "directRemoteIp"), ("remote.ip", "remoteIp"),
            ("source.namespace", "authenticated"), ("source.principal", "authenticated"),
            ("source.serviceAccount", "authenticated"), ("request.auth.principal", "andIds"),
            ("request.auth.audiences", "metadata"), ("request.auth.presenter", "metadata"),
            ("request.auth.claims[a][b]", "metadata"), ("destination.ip", "destinationIp"),
            ("destination.port", "destinationPort"), ("connection.sni", "requestedServerName"),
            ("experimental.envoy.filters.x.y[z]", "metadata"),
        ])
    func conditions(key: String, field: String) throws {
        let value = key.hasSuffix("ip") ? "10.0.0.0/8" : "80"
        let rules = try policyMesh(policy("{rules: [{when: [{key: '\(key)', values: ['\(value)']}]}]}")).onlyRules()
        #expect(rules["policies", "ns[default]-policy[p]-rule[0]"]?.jsonText.contains("\"\(field)\"") ?? false)
    }

    @Test("Claims are texts or lists")
    func claims() throws {
        let rules = try policyMesh(
            policy("{rules: [{when: [{key: 'request.auth.claims[a][b]', values: [x]}]}]}")
        ).onlyRules()
        let found = rules["policies"]?["ns[default]-policy[p]-rule[0]"]?["principals"]
        let expected = """
            [{"andIds": {"ids": [{"metadata": {"filter": "envoy.filters.http.jwt_authn",
              "path": [{"key": "payload"}, {"key": "a"}, {"key": "b"}],
              "value": {"orMatch": {"valueMatchers": [{"listMatch": {"oneOf": {"stringMatch": {"exact": "x"}}}},
                {"stringMatch": {"exact": "x"}}]}}}}]}}]
            """
        #expect(try found == json(expected))
    }

    @Test("A trust domain's other names are its names, too; others are not")
    func trustDomains() throws {
        func names(_ principal: String) throws -> [String] {
            var snapshot = try policyMesh(policy("{rules: [{from: [{source: {principals: ['\(principal)']}}]}]}"))
            snapshot.settings.trustDomain = "new"
            snapshot.settings.trustDomainAliases = ["old"]
            let text = try snapshot.onlyRules().jsonText
            return text.split(separator: "\"").map(String.init).filter { $0.hasPrefix("spiffe://") }
        }
        #expect(try names("old/ns/a/sa/b") == ["spiffe://new/ns/a/sa/b", "spiffe://old/ns/a/sa/b"])
        #expect(try names("cluster.local/ns/a/sa/b") == ["spiffe://new/ns/a/sa/b", "spiffe://old/ns/a/sa/b"])
        #expect(try names("third/ns/a/sa/b") == ["spiffe://third/ns/a/sa/b"])
        #expect(try names("*/ns/a/sa/b") == ["spiffe://.*/ns/a/sa/b"])
        #expect(try names("*w/ns/a/sa/b") == ["spiffe://.*w/ns/a/sa/b", "spiffe://old/ns/a/sa/b"])
        // An asterisk elsewhere means itself in a principal, and the domains that it could stand for are meant.
        #expect(try names("n*/ns/a/sa/b") == ["spiffe://new/ns/a/sa/b", "spiffe://old/ns/a/sa/b"])
    }

    @Test(
        "What is tried out is counted under a name of its own, but for what is only logged",
        arguments: [
            ("ALLOW", "istio_dry_run_allow_"), ("DENY", "istio_dry_run_deny_"), ("AUDIT", nil),
        ] as [(String, String?)])
    func trials(action: String, prefix: String?) throws {
        let snapshot = try policyMesh(
            """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: p, namespace: default, annotations: {istio.io/dry-run: "true"}}
            spec: {action: \(action), rules: [{}]}
            """)
        let filter = try #require(try snapshot.filters().first)
        #expect(filter["typedConfig", "shadowRulesStatPrefix"]?.string == prefix)
        #expect(filter["typedConfig", "shadowRules"]?.object != nil && filter["typedConfig", "rules"] == nil)
    }

    @Test("On connections, rules about requests let nobody pass, and refuse whoever else they fit")
    func connections() throws {
        let mixed =
            "rules: [{to: [{operation: {methods: [GET], ports: ['80']}}]}, {to: [{operation: {ports: ['81']}}]}]"
        let allow = try policyMesh(policy("{action: ALLOW, \(mixed)}")).onlyRules(.tcp)
        #expect(allow["policies"]?.object?.keys.sorted() == ["ns[default]-policy[p]-rule[1]"])
        let deny = try policyMesh(policy("{action: DENY, \(mixed)}")).onlyRules(.tcp)
        #expect(deny["policies"]?.object?.keys.count == 2)
        let first = deny["policies"]?["ns[default]-policy[p]-rule[0]"]?["permissions"]
        #expect(
            try first == json(#"[{"andRules": {"rules": [{"orRules": {"rules": [{"destinationPort": 80}]}}]}}]"#))
        let onlyRequests = "{action: ALLOW, rules: [{to: [{operation: {methods: [GET]}}]}]}"
        // A policy is there, and it lets nobody pass.
        #expect(try policyMesh(policy(onlyRequests)).onlyRules(.tcp) == .object([:]))
    }

    @Test("Policies of the namespace, of the workload and of the root namespace count; no others do")
    func scope() throws {
        let spec = "{action: DENY, rules: [{}]}"
        let picky = "{action: DENY, selector: {matchLabels: {app: a}}, rules: [{}]}"
        let mesh = try policyMesh(
            policy(spec, name: "root", namespace: "istio-system") + policy(spec, name: "own")
                + policy(picky, name: "workload") + policy(picky, name: "picky", namespace: "istio-system")
                + policy(spec, name: "foreign", namespace: "other"))
        func names(_ labels: [String: String]) throws -> [String] {
            try (mesh.onlyRules(labels: labels)["policies"]?.object ?? [:]).keys.sorted()
        }
        #expect(try names([:]) == ["ns[default]-policy[own]-rule[0]", "ns[istio-system]-policy[root]-rule[0]"])
        #expect(try names(["app": "a"]).count == 4)
    }

    @Test("Who decides comes first, then what is logged, refused and allowed; what is tried out only counts")
    func order() throws {
        let services = """
            apiVersion: v1
            kind: Service
            metadata: {name: authz, namespace: default}
            spec: {clusterIP: 10.0.0.9, ports: [{name: grpc, port: 9000}]}
            ---

            """
        let provider = "service: authz.default.svc.cluster.local, port: 9000"
        let settings = "extensionProviders: [{name: decider, envoyExtAuthzGrpc: {\(provider)}}]"
        let snapshot = try policyMesh(
            services + policy("{rules: [{}]}", name: "a") + policy("{action: DENY, rules: [{}]}", name: "d")
                + policy("{action: AUDIT, rules: [{}]}", name: "l")
                + policy("{action: CUSTOM, provider: {name: decider}, rules: [{}]}", name: "c")
                + policy("{rules: [{}]}", name: "t").replacing(
                    "name: t", with: "name: t, annotations: {istio.io/dry-run: 'true'}"),
            meshConfig: settings)
        for transport in [AccessControlInput.Transport.http, .tcp] {
            let filters = try snapshot.filters(transport)
            #expect(
                filters.map { $0["name"]?.string?.split(separator: ".").last.map(String.init) ?? "" } == [
                    "rbac", "ext_authz", "rbac", "rbac", "rbac",
                ])
            #expect(filters.map { $0["typedConfig", "rules", "action"]?.string } == [nil, nil, "LOG", "DENY", nil])
            #expect(
                filters[4]["typedConfig", "shadowRules", "policies"]?.object?.keys.sorted() == [
                    "ns[default]-policy[t]-rule[0]"
                ])
            #expect(filters[0]["typedConfig", "rules"] == nil)
        }
    }

    @Test("Several providers for one workload: all is refused, unless that is switched on")
    func severalProviders() throws {
        let services = """
            apiVersion: v1
            kind: Service
            metadata: {name: authz, namespace: default}
            spec: {clusterIP: 10.0.0.9, ports: [{name: grpc, port: 9000}]}
            ---

            """
        let provider = "{service: default/authz.default.svc.cluster.local, port: 9000}"
        var snapshot = try policyMesh(
            services + policy("{action: CUSTOM, provider: {name: a}, rules: [{}]}", name: "x")
                + policy("{action: CUSTOM, provider: {name: a-b}, rules: [{}]}", name: "y"),
            meshConfig: """
                extensionProviders:
                - {name: a-b, envoyExtAuthzGrpc: \(provider)}
                - {name: a, envoyExtAuthzHttp: \(provider)}
                """)
        let refused = try snapshot.onlyRules()
        #expect(refused["action"] == "DENY")
        #expect(
            refused["policies"]?.object?.keys.allSatisfy { $0.hasSuffix("-deny-due-to-bad-CUSTOM-action") } ?? false)
        snapshot.settings.allowsSeveralAuthorizers = true
        let filters = try snapshot.filters()
        // The shorter name first: what "a-b" finds begins like what "a" asks for.
        #expect(
            filters.compactMap { $0["typedConfig", "filterEnabledMetadata", "value", "stringMatch", "prefix"]?.string }
                == ["istio-ext-authz-a", "istio-ext-authz-a-b"])
        #expect(try snapshot.filters(.tcp).count == 2)
    }
}
