import DiscoveryServer
import EnvoyTesting
import Testing
import XDSServer

/// Real gRPC applications that ask the control plane themselves, with no proxy anywhere.
@Suite(
    "gRPC without proxies", .serialized, .timeLimit(.minutes(10)),
    .enabled(if: GRPCPython.path != nil, "\(GRPCPython.absence)"))
struct ProxylessTrafficTests {
    @Test("Calls go where VirtualServices and DestinationRules say")
    func routing() async throws {
        let mesh = try ProxylessMesh()
        try await mesh.applyService()
        try await mesh.run(.without(areKnown: false)) { client in
            try await eventually("both servers answer", 20) {
                let answers = try await client.call(mesh.target)
                return (answers["v1"], answers["v2"]) == (10, 10) ? nil : answers
            }
            // Every name by which clients of the namespace know the service.
            for name in ["echo", "echo.default", "echo.default.svc"] {
                #expect(try await client.call("xds:///\(name):7070", count: 2).values.reduce(0, +) == 2)
            }
            try await mesh.apply(rules)
            try await eventually("one in ten calls goes to the other subset", 500) {
                let answers = try await client.call(mesh.target, count: 500)
                return (15...85).contains(answers["v2"] ?? 0) && answers.count == 2 ? nil : answers
            }
            #expect(try await client.call(mesh.target, metadata: ["version": "v2"]) == ["v2": 20])
            #expect(try await client.call(mesh.target, metadata: ["version": "v1", "tester": "x"]) == ["v1": 20])
            #expect(try await client.call(mesh.target, method: "/echo.Echo/Refused") == ["UNAVAILABLE": 20])
            #expect(try await client.call(mesh.target, count: 2, method: "/echo.Echo/Slow") == ["DEADLINE_EXCEEDED": 2])
            expectAccepted(mesh)
        }
    }

    private let rules = """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: echo, namespace: default}
        spec:
          host: echo
          trafficPolicy: {loadBalancer: {simple: LEAST_REQUEST}}
          subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: echo, namespace: default}
        spec:
          hosts: [echo]
          http:
          - match: [{headers: {version: {exact: v2}}}]
            route: [{destination: {host: echo, subset: v2}}]
          - match: [{headers: {tester: {regex: '.+'}}, withoutHeaders: {version: {exact: v2}}}]
            route: [{destination: {host: echo, subset: v1}}]
          - match: [{uri: {exact: /echo.Echo/Refused}}]
            fault: {abort: {httpStatus: 503, percentage: {value: 100}}}
            retries: {attempts: 0}
            route: [{destination: {host: echo}}]
          - match: [{uri: {prefix: /echo.Echo/Slow}}]
            fault: {delay: {fixedDelay: 15s, percentage: {value: 100}}}
            timeout: 0.2s
            route: [{destination: {host: echo}}]
          - route:
            - {destination: {host: echo, subset: v1}, weight: 90}
            - {destination: {host: echo, subset: v2}, weight: 10}
        """

    @Test("Mutual TLS and policies, with certificates in files")
    func mutualTLS() async throws {
        let mesh = try ProxylessMesh()
        try await mesh.applyService()
        try await mesh.apply(strict)
        try await mesh.run(.without(areKnown: true)) { client in
            try await mesh.apply(
                """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: echo, namespace: default}
                spec: {host: echo, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
                """)
            let identity = "spiffe://cluster.local/ns/default/sa/client"
            try await eventually("both servers know the client", 20) {
                let answers = try await client.call(mesh.target)
                return answers == ["v1 \(identity)": 10, "v2 \(identity)": 10] ? nil : answers
            }
            // Who shows no certificate gets no answer.
            let plain = try await client.call("\(ProxylessMesh.addresses["v1"] ?? ""):\(mesh.port)", count: 1)
            #expect(plain == ["UNAVAILABLE": 1])
            try await mesh.apply(policies)
            try await eventually("the method is refused", 20) {
                let answers = try await client.call(mesh.target, method: "/echo.Echo/Secret")
                return answers == ["PERMISSION_DENIED": 20] ? nil : answers
            }
            #expect(try await client.call(mesh.target, method: "/echo.Echo/Other") == ["PERMISSION_DENIED": 20])
            #expect(try await client.call(mesh.target).count == 2)
            expectAccepted(mesh)
        }
    }

    private let strict = """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: default, namespace: default}
        spec: {mtls: {mode: STRICT}}
        """

    private let policies = """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: secrets, namespace: default}
        spec: {action: DENY, rules: [{to: [{operation: {paths: [/echo.Echo/Secret]}}]}]}
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: callers, namespace: default}
        spec:
          rules:
          - from: [{source: {principals: [cluster.local/ns/default/sa/client]}}]
            to: [{operation: {paths: [/echo.Echo/S*]}}]
          - from: [{source: {principals: [cluster.local/ns/default/sa/nobody]}}]
        """

    @Test(
        "Where all servers take nothing but mutual TLS, clients use it by themselves, each with what its agent gives it",
        .enabled(if: GreeterAgent.program != nil, "needs pilot-agent beside the tests, or in APUS_PILOT_AGENT"))
    func automaticTLS() async throws {
        let mesh = try ProxylessMesh()
        try await mesh.applyService(label: "security.istio.io/tlsMode: istio")
        try await mesh.apply(strict)
        try await mesh.run(.ofAgents) { client in
            try await eventually("both servers know the client", 20) {
                let answers = try await client.call(mesh.target)
                return answers.keys.allSatisfy { $0.hasSuffix("/sa/client") } && answers.count == 2 ? nil : answers
            }
            expectAccepted(mesh)
        }
    }

    /// Nothing that was sent has been refused.
    private func expectAccepted(_ mesh: ProxylessMesh) {
        let statuses = mesh.service.streams.connections().flatMap(\.status.types)
        #expect(statuses.contains { $0.typeURL == .listener })
        #expect(statuses.allSatisfy { $0.rejection == nil })
    }
}

/// Asks until there is nothing wrong with the answers.
private func eventually(
    _ what: String, _ count: Int, _ problem: () async throws -> [String: Int]?
) async throws {
    let deadline = ContinuousClock.now + .seconds(120)
    while let found = try await problem() {
        try #require(ContinuousClock.now < deadline, "not in time: \(what); of \(count) calls came \(found)")
        try await Task.sleep(for: .milliseconds(50))
    }
}
