import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import MeshModel
import Testing

@Suite("Real Envoys take every policy", .enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)"))
struct PolicyValidationTests {
    private func complaints(_ yaml: String, meshConfig: String? = nil) throws -> [String] {
        let configured = try policyMesh(yaml, meshConfig: meshConfig)
        var mesh = Mesh.menagerie
        mesh.snapshot.configuration = configured.configuration
        mesh.snapshot.settings = configured.settings
        let resources = try mesh.resources(for: mesh.sidecar(at: ["10.244.1.4"]))
        let verdict = try EnvoyProgram.validate(try .containing(resources))
        #expect(verdict.isValid, "\(verdict.output)")
        // Newer proxies have other names for these; older ones know no other.
        let known = [
            "dns_refresh_rate", "dns_jitter", "respect_dns_ttl", "max_grpc_timeout", "rbac.v3.Principal.metadata",
            "rbac.v3.Permission.metadata",
        ]
        return verdict.output.split(separator: "\n").map(String.init).filter { line in
            line.hasPrefix("[") && !known.contains(where: line.contains)
        }
    }

    @Test("Everything that a policy can say, with all actions")
    func everything() throws {
        let fields = """
            rules:
            - from:
              - source:
                  principals: [a/ns/b/sa/c, "*/sa/c", "a*", "*"]
                  notPrincipals: [x]
                  requestPrincipals: [https://a/b, "*"]
                  notRequestPrincipals: [https://a/c]
                  namespaces: ["n*"]
                  notNamespaces: [m]
                  trustDomains: [td, "*x"]
                  notTrustDomains: [other]
                  ipBlocks: [10.0.0.0/8, "fd00::1"]
                  notIpBlocks: [10.1.1.1]
                  remoteIpBlocks: [0.0.0.0/0]
                  notRemoteIpBlocks: ["::/0"]
              - source: {serviceAccounts: [a, b/c], notServiceAccounts: [d]}
              to:
              - operation:
                  hosts: [a.b, "*.c", "d.*", "*"]
                  notHosts: [e]
                  ports: ["80", "443"]
                  notPorts: ["81"]
                  methods: [GET, "P*", "*"]
                  notMethods: [PUT]
                  paths: [/a, "/b*", "*/c", "*", "/d/{*}/e", "/{**}", "/{*}/{*}/{*}/{*}/{*}/x/{**}/y"]
                  notPaths: ["/f/{**}/g"]
              when:
              - {key: "request.headers[X-A]", values: [a, "b*", "*c", "*"], notValues: [d]}
              - {key: source.ip, values: [10.0.0.1]}
              - {key: remote.ip, notValues: [10.0.0.1]}
              - {key: source.namespace, values: [a]}
              - {key: source.principal, values: [a]}
              - {key: source.serviceAccount, values: [a]}
              - {key: source.trustDomain, values: [a]}
              - {key: request.auth.principal, values: [a/b]}
              - {key: request.auth.audiences, values: [a, "b*"]}
              - {key: request.auth.presenter, notValues: [a]}
              - {key: "request.auth.claims[a][https://b.c/d]", values: [x, "*"]}
              - {key: destination.ip, values: [10.0.0.0/24]}
              - {key: destination.port, values: ["80"]}
              - {key: connection.sni, values: [a, "*.b"]}
              - {key: "experimental.envoy.filters.x[y]", values: ["[a]", "b*"]}
            - {}
            """
        let actions = ["ALLOW", "DENY", "AUDIT", "CUSTOM, provider: {name: http}", "CUSTOM, provider: {name: grpc}"]
        let policies = actions.enumerated().map { index, action in
            """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: p\(index), namespace: default}
            spec: {action: \(action)
            ---

            """.replacing("spec: {action: ", with: "spec:\n  action: ").replacing(", provider", with: "\n  provider")
                .replacing(
                    "---", with: fields.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n") + "\n---")
        }
        let service = "service: default/sniffed.default.svc.cluster.local, port: 9000"
        // One provider at a time, as it is without the switch.
        for left in ["http", "grpc"] {
            let yaml = policies.filter { !$0.contains("CUSTOM") || $0.contains("name: \(left)}") }.joined()
            let found = try complaints(
                yaml + services,
                meshConfig: """
                    extensionProviders:
                    - name: http
                      envoyExtAuthzHttp:
                        {\(service), pathPrefix: /check, timeout: 1s, failOpen: true, statusOnError: "503",
                         clearRouteCache: true, includeRequestHeadersInCheck: [a, "b*", "*c", "*"],
                         includeAdditionalHeadersInCheck: {x: y}, headersToUpstreamOnAllow: [a, "b*"],
                         headersToDownstreamOnDeny: ["*c"], headersToDownstreamOnAllow: [d],
                         includeRequestBodyInCheck: {maxRequestBytes: 100, allowPartialMessage: true, packAsBytes: true}}
                    - name: grpc
                      envoyExtAuthzGrpc:
                        {\(service), timeout: 1s, statusOnError: "401", includeRequestBodyInCheck: {maxRequestBytes: 5}}
                    """)
            #expect(found == [], "\(left)")
        }
    }

    /// What the providers' service is read from.
    private let services = """
        apiVersion: v1
        kind: Service
        metadata: {name: sniffed, namespace: default}
        spec: {clusterIP: 10.96.1.1, ports: [{name: web, port: 9000}]}
        ---

        """

    @Test("Everything that a rule about tokens can say")
    func tokens() throws {
        let found = try complaints(
            """
            apiVersion: security.istio.io/v1
            kind: RequestAuthentication
            metadata: {name: t, namespace: default}
            spec:
              jwtRules:
              - issuer: https://a
                jwks: '\(TestTokenIssuer().keySet)'
                audiences: [x, y]
                fromHeaders: [{name: x-token, prefix: "Token "}, {name: y-token}]
                fromParams: [token]
                fromCookies: [token]
                forwardOriginalToken: true
                outputPayloadToHeader: x-payload
                outputClaimToHeaders: [{header: x-sub, claim: sub}, {header: x-nested, claim: a.b}]
                spaceDelimitedClaims: [roles, scope]
              - {issuer: https://b, presence: REQUIRED}
              - {issuer: https://b, jwksUri: "https://b/keys", timeout: 3s}
            """)
        #expect(found == [])
    }
}
