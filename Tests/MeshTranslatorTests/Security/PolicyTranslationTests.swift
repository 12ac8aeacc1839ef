import KubernetesModel
import MeshModel
import MeshTranslator
import Testing

@Suite("What security policies say")
struct PolicyTranslationTests {
    /// What is said of one object: `error spec.rules[0]…`, sorted.
    private func findings(_ kind: String, _ spec: String, annotations: String = "{}") throws -> [String] {
        let objects = try clusterObjects(
            """
            apiVersion: security.istio.io/v1
            kind: \(kind)
            metadata: {name: x, namespace: a, annotations: \(annotations)}
            spec: \(spec)
            """)
        return MeshTranslation(objects).diagnostics.values.flatMap(\.self).map { "\($0.severity) \($0.path)" }.sorted()
    }

    @Test(
        "An AuthorizationPolicy that makes no sense is told, all at once",
        arguments: [
            ("{action: CUSTOM, rules: [{}]}", ["error spec.provider.name"]),
            ("{provider: {name: x}, rules: [{}]}", ["error spec.provider"]),
            ("{rules: [{from: [{source: {}}]}]}", ["error spec.rules[0].from[0].source"]),
            (
                "{rules: [{from: [{source: {ipBlocks: [1.2.3, 10.0.0.0/8]}}], to: [{operation: {ports: [http]}}]}]}",
                ["error spec.rules[0].from[0].source.ipBlocks[0]", "error spec.rules[0].to[0].operation.ports[0]"]
            ),
            (
                "{rules: [{to: [{operation: {paths: ['/a/{x}', '/{**}/{*}', '/a*/{*}', '/ok/{*}']}}]}]}",
                (0...2).map { "error spec.rules[0].to[0].operation.paths[\($0)]" }
            ),
            (
                "{rules: [{when: [{key: source.age, values: [x]}, {key: source.ip}]}]}",
                ["error spec.rules[0].when[0].key", "error spec.rules[0].when[1]"]
            ),
            ("{rules: 5}", ["error spec.rules"]),
            ("{action: DENY}", ["warning spec.rules"]),
            ("{}", []),
            (
                "{rules: [{from: [{source: {serviceAccounts: [a/b/c, 'x*']}}]}]}",
                [
                    "error spec.rules[0].from[0].source.serviceAccounts[0]",
                    "error spec.rules[0].from[0].source.serviceAccounts[1]",
                ]
            ),
        ])
    func authorization(spec: String, expected: [String]) throws {
        #expect(try findings("AuthorizationPolicy", spec) == expected)
    }

    @Test("A dry run is for ALLOW and DENY; anything but a yes or no is told")
    func dryRun() throws {
        let path = "metadata.annotations[\"istio.io/dry-run\"]"
        #expect(try findings("AuthorizationPolicy", "{rules: [{}]}", annotations: "{istio.io/dry-run: 'true'}") == [])
        #expect(
            try findings("AuthorizationPolicy", "{rules: [{}]}", annotations: "{istio.io/dry-run: maybe}") == [
                "warning \(path)"
            ])
        #expect(
            try findings(
                "AuthorizationPolicy", "{action: AUDIT, rules: [{}]}", annotations: "{istio.io/dry-run: 'true'}")
                == ["warning \(path)"])
    }

    @Test(
        "A RequestAuthentication that makes no sense is told",
        arguments: [
            (#"{jwtRules: [{issuer: a, jwks: "{}"}]}"#, ["error spec.jwtRules[0].jwks"]),
            (
                #"{jwtRules: [{issuer: a, jwks: '{"keys": []}', jwksUri: "https://a"}]}"#,
                ["error spec.jwtRules[0].jwks"]
            ),
            (#"{jwtRules: [{issuer: a, jwksUri: "ftp://a"}]}"#, ["error spec.jwtRules[0].jwksUri"]),
            (#"{jwtRules: [{jwksUri: "https://a"}]}"#, []),
            (#"{jwtRules: [{jwks: '{"keys": [{"kty": "RSA"}]}'}]}"#, []),
            ("{jwtRules: [{audiences: [a]}]}", ["error spec.jwtRules[0].issuer"]),
            ("{jwtRules: [{issuer: a}]}", ["warning spec.jwtRules[0].issuer"]),
            (#"{jwtRules: [{issuer: "https://a"}]}"#, []),
            (#"{jwtRules: [{issuer: a, jwks: '{"keys": [{"kty": "RSA"}]}'}]}"#, []),
        ])
    func tokens(spec: String, expected: [String]) throws {
        #expect(try findings("RequestAuthentication", spec) == expected)
    }

    @Test(
        "A PeerAuthentication that makes no sense is told",
        arguments: [
            ("{mtls: {mode: MAYBE}}", ["error spec.mtls.mode"]),
            (
                "{selector: {matchLabels: {a: b}}, portLevelMtls: {http: {mode: STRICT}}}",
                ["error spec.portLevelMtls.http"]
            ),
            ("{portLevelMtls: {80: {mode: STRICT}}}", ["warning spec.portLevelMtls"]),
            ("{selector: {matchLabels: {a: b}}, portLevelMtls: {80: {mode: UNSET}}}", []),
        ])
    func peers(spec: String, expected: [String]) throws {
        #expect(try findings("PeerAuthentication", spec) == expected)
    }

    @Test(
        "Keys are wanted from where rules say, for the longest time that any allows; they change the policies that use them"
    )
    func keySets() throws {
        var translation = MeshTranslation(
            try clusterObjects(
                """
                apiVersion: security.istio.io/v1
                kind: RequestAuthentication
                metadata: {name: one, namespace: a}
                spec: {jwtRules: [{issuer: "https://i"}, {issuer: b, jwksUri: "https://k", timeout: 9s}]}
                ---
                apiVersion: security.istio.io/v1
                kind: RequestAuthentication
                metadata: {name: two, namespace: a}
                spec: {jwtRules: [{issuer: c, jwksUri: "https://k"}]}
                """))
        #expect(
            translation.snapshot.configuration.wantedKeySets == [
                .issuer("https://i"): .seconds(5), .address("https://k"): .seconds(9),
            ])
        var difference = translation.apply([.keySet(.issuer("https://i"), "keys")])
        #expect(difference.configuration.map(\.key.name) == ["one"])
        #expect(translation.snapshot.configuration.keySets == [.issuer("https://i"): "keys"])
        difference = translation.apply([.keySet(.issuer("https://i"), "keys")])
        #expect(difference.isEmpty)
        difference = translation.apply([.keySet(.address("https://k"), "others")])
        #expect(difference.configuration.map(\.key.name).sorted() == ["one", "two"])
        #expect(!translation.apply([.keySet(.address("https://k"), nil)]).isEmpty)
    }

    @Test("Providers that decide are read; what is wrong with one is kept with it")
    func providers() throws {
        var objects = ClusterObjects()
        objects.meshConfig = """
            extensionProviders:
            - name: good
              envoyExtAuthzHttp: {service: a.b, port: 80, pathPrefix: /x, statusOnError: "503", timeout: 2s, failOpen: true}
            - name: bad
              envoyExtAuthzHttp: {service: a.b, port: 999999, pathPrefix: x, statusOnError: "999"}
            - name: teapot
              envoyExtAuthzGrpc: {service: a.b, port: 80, statusOnError: "418", includeRequestBodyInCheck: {}}
            - {name: other, prometheus: {}}
            """
        let providers = MeshTranslation(objects).snapshot.settings.authorizationProviders
        #expect(providers.keys.sorted() == ["bad", "good", "teapot"])
        #expect(providers["good"]?.problems == [])
        #expect(providers["good"]?.timeout == .seconds(2))
        #expect(providers["good"]?.statusOnError == 503)
        #expect(providers["bad"]?.problems.count == 3)
        // No proxy takes these.
        #expect(providers["teapot"]?.problems.count == 2)
    }
}
