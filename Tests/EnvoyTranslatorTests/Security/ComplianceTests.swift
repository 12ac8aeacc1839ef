import EnvoyAPI
import EnvoyTesting
import KubernetesModel
import MeshModel
import SwiftProtobuf
import Testing

private typealias CommonContext = Envoy_Extensions_TransportSockets_Tls_V3_CommonTlsContext
private typealias Parameters = Envoy_Extensions_TransportSockets_Tls_V3_TlsParameters

@Suite("A compliance policy has the last word about TLS")
struct ComplianceTests {
    /// Asks for more than any policy allows, everywhere.
    private static let meshConfig = """
        meshMTLS: {cipherSuites: [ECDHE-RSA-CHACHA20-POLY1305, ECDHE-RSA-AES256-GCM-SHA384], ecdhCurves: [X25519]}
        tlsDefaults: {cipherSuites: [ECDHE-RSA-CHACHA20-POLY1305], ecdhCurves: [X25519, P-521]}
        """
    private static let objects =
        gatewayYAML(
            "edge", serverYAML(443, "HTTPS", hosts: "a.com", tls: "mode: SIMPLE, credentialName: a"),
            serverYAML(
                443, "HTTPS", hosts: "b.com",
                tls: "mode: MUTUAL, credentialName: b, minProtocolVersion: TLSV1_0, maxProtocolVersion: TLSV1_2",
                name: "b"),
            serverYAML(443, "HTTPS", hosts: "c.com", tls: "mode: ISTIO_MUTUAL", name: "c"))
        + routesYAML(
            "all", hosts: "'*'", gateways: "istio-system/edge",
            "http: [{\(toYAML("reviews.default.svc.cluster.local", 9080))}]")
            + """
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: own, namespace: default}
            spec:
              host: details.default.svc.cluster.local
              trafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: true}}
            """

    private func resources(_ policy: CompliancePolicy?, _ meshConfig: String? = ComplianceTests.meshConfig) throws
        -> [Resources]
    {
        var mesh = try Mesh(objects: Self.objects)
        mesh.snapshot.services.merge(Mesh.bookinfo.snapshot.services) { own, _ in own }
        mesh.snapshot.endpoints.merge(Mesh.bookinfo.snapshot.endpoints) { own, _ in own }
        mesh.snapshot.settings = try policyMesh("", meshConfig: meshConfig).settings
        mesh.snapshot.settings.apply(environment: ["COMPLIANCE_POLICY": policy?.rawValue ?? ""])
        return [try mesh.resources(for: mesh.sidecar()), try mesh.resources(for: mesh.router())]
    }

    /// Of all listeners and clusters, of those who call and those who are called.
    private func contexts(_ resources: [Resources]) throws -> (servers: [CommonContext], clients: [CommonContext]) {
        let sockets = resources.flatMap(\.listeners).flatMap(\.filterChains).filter(\.hasTransportSocket)
        let servers = try sockets.map {
            try Envoy_Extensions_TransportSockets_Tls_V3_DownstreamTlsContext(
                unpackingAny: $0.transportSocket.typedConfig
            ).commonTlsContext
        }
        let clusters = resources.flatMap(\.clusters)
        let clients = clusters.flatMap { [$0.transportSocket] + $0.transportSocketMatches.map(\.transportSocket) }
            .filter { $0.name == "envoy.transport_sockets.tls" }.compactMap { $0.upstream?.commonTlsContext }
        return (servers, clients)
    }

    private func parameters(_ policy: CompliancePolicy?) throws -> [Parameters] {
        let (servers, clients) = try contexts(resources(policy))
        try #require(servers.count >= 4)
        try #require(clients.count >= 2)
        return (servers + clients).map(\.tlsParams)
    }

    @Test func fips1402LeavesTLS12() throws {
        for parameters in try parameters(.fips1402) {
            #expect(parameters.tlsMinimumProtocolVersion == .tlsv12)
            #expect(parameters.tlsMaximumProtocolVersion == .tlsv12)
            #expect(!parameters.cipherSuites.isEmpty)
            #expect(parameters.cipherSuites.allSatisfy { $0.hasPrefix("ECDHE-") && $0.contains("-GCM-") })
            #expect(parameters.ecdhCurves == ["P-256"])
            #expect(parameters.compliancePolicies == [])
        }
    }

    @Test func fips1403IsThePolicyOfEnvoyItself() throws {
        for parameters in try parameters(.fips1403) { #expect(parameters.compliancePolicies == [.fips202205]) }
    }

    @Test func postQuantumLeavesTLS13() throws {
        for parameters in try parameters(.postQuantum) {
            #expect(parameters.tlsMinimumProtocolVersion == .tlsv13)
            #expect(parameters.tlsMaximumProtocolVersion == .tlsv13)
            #expect(parameters.ecdhCurves == ["X25519MLKEM768"])
        }
    }

    @Test func nothingChangesWithoutOne() throws {
        let curves = Set(try parameters(nil).map(\.ecdhCurves))
        #expect(curves == [["X25519"], ["X25519", "P-521"]])
    }

    @Test("What people chose among the allowed stays their choice")
    func keepsAllowedCiphers() throws {
        let (servers, _) = try contexts([resources(.fips1402)[0]])
        #expect(!servers.isEmpty)
        for server in servers { #expect(server.tlsParams.cipherSuites == ["ECDHE-RSA-AES256-GCM-SHA384"]) }
    }

    @Test(
        "A real Envoy takes it", .enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)"),
        arguments: CompliancePolicy.allCases)
    func isTaken(_ policy: CompliancePolicy) throws {
        for resources in try resources(policy, nil) {
            let verdict = try EnvoyProgram.validate(try .containing(resources))
            #expect(verdict.isValid, "\(verdict.output)")
        }
    }
}
