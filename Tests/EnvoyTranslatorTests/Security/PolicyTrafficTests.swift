import EnvoyTesting
import Testing

@Suite("Real Envoys hold to policies", .enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)"))
struct PolicyTrafficTests {
    private func policy(_ name: String, _ spec: String, dryRun: Bool = false) -> String {
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata:
          name: \(name)
          namespace: default
          annotations: {istio.io/dry-run: "\(dryRun)"}
        spec: \(spec)
        ---

        """
    }

    @Test("STRICT with one port that is PERMISSIVE: plaintext is refused on the others alone")
    func peerAuthentication() throws {
        let mesh = try SecuredWorkload(
            """
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: default, namespace: istio-system}
            spec: {mtls: {mode: STRICT}}
            ---
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: open, namespace: default}
            spec: {selector: {matchLabels: {test: sidecar}}, portLevelMtls: {%TCP%: {mode: PERMISSIVE}}}
            """)
        defer { mesh.stop() }
        #expect(try mesh.status(from: .friend) == 200)
        #expect(((try? mesh.status()) ?? 0) == 0)
        #expect(try mesh.echo(from: .friend) == "hello\n")
        #expect(try mesh.echo() == "hello\n")
    }

    @Test("Peers, methods and path templates decide about requests, peers about connections")
    func allowAndDeny() throws {
        let mesh = try SecuredWorkload(
            policy(
                "allow",
                """
                {rules: [
                  {from: [{source: {principals: [cluster.local/ns/default/sa/friend]}}], to: [{operation: {methods: [GET]}}]},
                  {to: [{operation: {paths: ["/open/{*}/page", "/all/{**}"]}}]},
                  {from: [{source: {namespaces: [default]}}], to: [{operation: {ports: ["%TCP%"]}}]}]}
                """)
                + policy(
                    "deny", #"{action: DENY, rules: [{to: [{operation: {paths: ["/secret*"], ports: ["%HTTP%"]}}]}]}"#)
                + policy(
                    "deny-stranger",
                    """
                    {action: DENY, rules: [{from: [{source: {serviceAccounts: [stranger]}}],
                      to: [{operation: {ports: ["%TCP%"]}}]}]}
                    """))
        defer { mesh.stop() }
        #expect(try mesh.status(from: .friend) == 200)
        #expect(try mesh.status("POST", from: .friend) == 403)
        #expect(try mesh.status("GET", "/secret/1", from: .friend) == 403)
        #expect(try mesh.status(from: .stranger) == 403)
        #expect(try mesh.status() == 403)
        #expect(try mesh.status("POST", "/open/a/page", from: .stranger) == 200)
        #expect(try mesh.status("POST", "/open/a/b/page", from: .stranger) == 403)
        #expect(try mesh.status("POST", "/all/a/b/c") == 200)

        #expect(try mesh.echo(from: .friend) == "hello\n")
        #expect(try mesh.echo(from: .stranger) == "")
        // Nobody knows who this is.
        #expect(try mesh.echo() == "")
    }

    @Test("What is tried out refuses nobody, and is counted")
    func dryRun() throws {
        let mesh = try SecuredWorkload(
            policy("allow", "{rules: [{}]}")
                + policy("deny", #"{action: DENY, rules: [{to: [{operation: {paths: ["/tried"]}}]}]}"#, dryRun: true))
        defer { mesh.stop() }
        #expect(try mesh.status("GET", "/tried") == 200)
        #expect(try mesh.status("GET", "/other") == 200)
        let counted = try mesh.server.statistics("istio_dry_run_deny_")
        func sum(_ name: String) -> Int { counted.filter { $0.key.hasSuffix(name) }.values.reduce(0, +) }
        #expect(sum("shadow_denied") == 1, "\(counted)")
        #expect(sum("shadow_allowed") == 1, "\(counted)")
    }

    @Test("A provider is asked where a policy says so, and what it says counts")
    func external() throws {
        let mesh = try SecuredWorkload(
            policy(
                "ask", #"{action: CUSTOM, provider: {name: authz}, rules: [{to: [{operation: {paths: ["/asked*"]}}]}]}"#
            ),
            meshConfig: """
                extensionProviders:
                - name: authz
                  envoyExtAuthzHttp:
                    service: default/authz.default.svc.cluster.local
                    port: %AUTHZ%
                    includeRequestHeadersInCheck: [x-allow]
                """)
        defer { mesh.stop() }
        #expect(try mesh.status("GET", "/asked") == 403)
        #expect(try mesh.status("GET", "/asked", headers: ["x-allow: yes"]) == 200)
        #expect(try mesh.status("GET", "/free") == 200)
    }

    @Test("A provider that is not there refuses what it should be asked about, and nothing else")
    func absentProvider() throws {
        let mesh = try SecuredWorkload(
            policy(
                "ask", #"{action: CUSTOM, provider: {name: gone}, rules: [{to: [{operation: {paths: ["/asked*"]}}]}]}"#)
        )
        defer { mesh.stop() }
        #expect(try mesh.status("GET", "/asked") == 403)
        #expect(try mesh.status("GET", "/free") == 200)
    }

    @Test("Tokens are verified, and their claims decide")
    func tokens() throws {
        let issuer = TestTokenIssuer()
        let other = TestTokenIssuer()
        let mesh = try SecuredWorkload(
            """
            apiVersion: security.istio.io/v1
            kind: RequestAuthentication
            metadata: {name: tokens, namespace: default}
            spec:
              jwtRules:
              - {issuer: "https://one.test", jwks: '\(issuer.keySet)', outputClaimToHeaders: [{header: x-who, claim: sub}]}
              - {issuer: "https://two.test", jwks: '\(other.keySet)', fromHeaders: [{name: x-token}]}
              - {issuer: "https://unreachable.test", fromParams: [token]}
            ---

            """
                + policy(
                    "claims",
                    """
                    {rules: [
                      {from: [{source: {requestPrincipals: ["https://one.test/ann"]}}],
                       when: [{key: "request.auth.claims[scope]", values: [read]}]},
                      {from: [{source: {requestPrincipals: ["https://two.test/*"]}}],
                       when: [{key: "request.auth.claims[org][teams]", values: ["mesh*"]}]},
                      {to: [{operation: {paths: [/open]}}]}]}
                    """))
        defer { mesh.stop() }
        func token(_ issuer: TestTokenIssuer, _ claims: String) throws -> String {
            try issuer.token("{\(claims), \"exp\": 4000000000}")
        }
        let ann = #""iss": "https://one.test", "sub": "ann""#
        let reader = try token(issuer, #"\#(ann), "scope": "write read""#)
        #expect(try mesh.status(headers: ["authorization: Bearer \(reader)"]) == 200)
        #expect(try mesh.status("GET", "/?access_token=\(reader)") == 200)
        let writer = try token(issuer, #"\#(ann), "scope": "write""#)
        #expect(try mesh.status(headers: ["authorization: Bearer \(writer)"]) == 403)
        let forged = try token(other, #"\#(ann), "scope": "read""#)
        #expect(try mesh.status("GET", "/open", headers: ["authorization: Bearer \(forged)"]) == 401)
        let unknown = try token(issuer, #""iss": "https://three.test", "sub": "ann""#)
        #expect(try mesh.status("GET", "/open", headers: ["authorization: Bearer \(unknown)"]) == 401)
        #expect(try mesh.status() == 403)
        #expect(try mesh.status("GET", "/open") == 200)

        let member = try token(other, #""iss": "https://two.test", "sub": "bob", "org": {"teams": ["x", "mesh-1"]}"#)
        #expect(try mesh.status(headers: ["x-token: \(member)"]) == 200)
        // Its keys have not been fetched: no token of it is taken.
        let unreachable = try token(issuer, #""iss": "https://unreachable.test", "sub": "eve""#)
        #expect(try mesh.status("GET", "/open?token=\(unreachable)") == 401)
    }
}
