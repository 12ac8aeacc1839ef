import KubernetesModel
import MeshModel
import MeshTranslator
import Testing

@Suite("DestinationRules as written")
struct DestinationRuleTranslationTests {
    private func translation(_ spec: String, mesh: String? = nil) throws -> MeshTranslation {
        var objects = try clusterObjects(
            """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: r, namespace: n}
            spec: \(spec)
            """)
        objects.meshConfig = mesh
        return MeshTranslation(objects)
    }

    private func rule(_ spec: String, mesh: String? = nil) throws -> DestinationRule {
        let translation = try translation(spec, mesh: mesh)
        #expect(translation.diagnostics.values.flatMap(\.self) == [])
        return try #require(
            translation.snapshot.configuration.destinationRules[ObjectKey(namespace: "n", name: "r")])
    }

    @Test(
        "A short host is one of the own namespace",
        arguments: [
            ("reviews", "reviews.n.svc.cluster.local"), ("Reviews.Other", "reviews.other"), ("*", "*"),
            ("\"*.example.com\"", "*.example.com"),
        ])
    func hosts(written: String, host: String) throws {
        let text = written == "*" ? "\"*\"" : written
        #expect(try rule("{host: \(text)}").host == host)
    }

    @Test("Who sees it: what it says, else what the mesh says, but always its own namespace")
    func visibility() throws {
        #expect(try rule("{host: a}").visibility == .everywhere)
        #expect(try rule("{host: a, exportTo: [., x]}").visibility == Visibility(namespaces: ["n", "x"]))
        let hidden = "defaultDestinationRuleExportTo: ['~']"
        #expect(try rule("{host: a}", mesh: hidden).visibility == Visibility(namespaces: ["n"]))
        let selective = try rule("{host: a, exportTo: ['*'], workloadSelector: {matchLabels: {app: x}}}")
        #expect(selective.visibility == Visibility(namespaces: ["n"]))
        #expect(selective.workloadSelector == ["app": "x"])
    }

    @Test("Zero says nothing where it could only forbid all")
    func zeros() throws {
        let policy = try rule(
            """
            {host: a, trafficPolicy: {
              connectionPool: {tcp: {maxConnections: 0, idleTimeout: 0s}, http: {maxRetries: 0, http2MaxRequests: 5}},
              outlierDetection: {consecutive5xxErrors: 0, maxEjectionPercent: 0}}}
            """
        ).policy
        #expect(policy?.connectionPool?.maxConnections == nil)
        #expect(policy?.connectionPool?.maxRetries == nil)
        #expect(policy?.connectionPool?.maxRequests == 5)
        #expect(policy?.connectionPool?.tcpIdleTimeout == .zero)
        #expect(policy?.outlierDetection?.consecutive5xxErrors == 0)
        #expect(policy?.outlierDetection?.maxEjectionPercent == nil)
    }

    @Test("A rule that cannot be used leaves the last good one in place, and says so")
    func lastGood() throws {
        var translation = try translation("{host: a, subsets: [{name: v1}]}")
        let object = { (spec: String) throws -> ConfigurationObject in
            let json = try #require(
                JSONValue.documents(
                    yaml: """
                        apiVersion: networking.istio.io/v1
                        kind: DestinationRule
                        metadata: {name: r, namespace: n}
                        spec: \(spec)
                        """
                ).first)
            return ConfigurationObject(UnstructuredObject(json))
        }
        let bad = try object("{host: a, trafficPolicy: {tls: {mode: MUTUAL}}}")
        let difference = translation.apply([.configuration(bad.reference, bad)])
        #expect(difference.configuration == [])
        let key = ObjectKey(namespace: "n", name: "r")
        #expect(translation.snapshot.configuration.destinationRules[key]?.subsets.map(\.name) == ["v1"])
        #expect(
            translation.diagnostics[bad.reference]?.map(\.path) == [
                "spec.trafficPolicy.tls.clientCertificate", "spec.trafficPolicy.tls.privateKey",
            ])
        _ = translation.apply([.configuration(bad.reference, nil)])
        #expect(translation.snapshot.configuration.destinationRules.isEmpty)
    }

    @Test("Whatever the fields hold, reading ends")
    func rubbish() throws {
        let values = ["5", "-1", "null", "[]", "{}", "text", "99999999999999999999", "[{}]", "{a: {b: [1]}}", "1e400"]
        let fields = [
            "host", "trafficPolicy", "subsets", "exportTo", "workloadSelector", "trafficPolicy: {loadBalancer",
            "trafficPolicy: {connectionPool", "trafficPolicy: {outlierDetection", "trafficPolicy: {tls",
            "trafficPolicy: {tunnel", "trafficPolicy: {portLevelSettings",
            "trafficPolicy: {loadBalancer: {consistentHash", "trafficPolicy: {loadBalancer: {localityLbSetting",
            "trafficPolicy: {loadBalancer: {warmup",
        ]
        for field in fields {
            for value in values {
                let closing = String(repeating: "}", count: field.count { $0 == "{" })
                let host = field == "host" ? "" : "host: a, "
                let translation = try? translation("{\(host)\(field): \(value)\(closing)}")
                #expect(translation.map { $0.snapshot.configuration.destinationRules.count <= 1 } ?? true)
            }
        }
    }
}
