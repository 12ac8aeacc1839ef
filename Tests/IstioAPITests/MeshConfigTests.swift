import IstioAPI
import KubernetesModel
import Testing

/// What people hear about the mesh-wide settings of an IstioOperator.
@Suite struct MeshConfigTests {
    @Test func acceptsWhatPeopleWrite() throws {
        let spec = try JSONValue.documents(
            yaml: """
                meshConfig:
                  accessLogFile: /dev/stdout
                  accessLogEncoding: JSON
                  connectTimeout: 1m30s
                  dnsRefreshRate: 0.5s
                  enableAutoMtls: true
                  enablePrometheusMerge: null
                  outboundTrafficPolicy: {mode: REGISTRY_ONLY}
                  meshMTLS: {minProtocolVersion: TLSV1_3}
                  trustDomainAliases: [old.example.com]
                  discoverySelectors: [{matchLabels: {mesh: one}}]
                  extensionProviders:
                  - name: ext-authz
                    envoyExtAuthzGrpc: {service: authz.auth.svc.cluster.local, port: 9000, failOpen: true}
                  - name: otel
                    opentelemetry: {service: otel.example.com, port: 443, http: {path: /v1/traces}}
                  - {name: prometheus, prometheus: {}}
                  defaultProviders: {metrics: [prometheus]}
                  defaultConfig:
                    holdApplicationUntilProxyStarts: true
                    proxyMetadata: {ISTIO_META_DNS_CAPTURE: "true", SLOW: 1}
                    tracing: {sampling: 12.5, zipkin: {address: "zipkin:9411"}}
                    terminationDrainDuration: 30s
                    gatewayTopology: {numTrustedProxies: 2}
                """
        )
        #expect(IstioOperatorSpec.read(try #require(spec.first)).diagnostics == [])
    }

    @Test func namesFaultsAtAnyDepthInBothPlaces() {
        let faulty: JSONValue = [
            "acessLogFile": "/dev/stdout", "connectTimeout": "ten", "mixerCheckServer": "a:1",
            "outboundTrafficPolicy": ["mode": "ALLOW_ALL"],
            "defaultConfig": ["concurency": 2, "tracing": ["samplingg": 1], "connectTimeout": "1s"],
            "extensionProviders": [["nam": "a", "zipkin": ["service": "z"]]],
        ]
        let expected = [
            "acessLogFile: unknown field \"acessLogFile\"; did you mean \"accessLogFile\"?",
            "connectTimeout: must be a duration of at least 1ms, such as 5s, 1m30s or 250ms, but is the string \"ten\"",
            "defaultConfig.concurency: unknown field \"concurency\"; did you mean \"concurrency\"?",
            "defaultConfig.connectTimeout: unknown field \"connectTimeout\": it is a setting of the mesh: "
                + "meshConfig.connectTimeout",
            "defaultConfig.tracing.samplingg: unknown field \"samplingg\"; did you mean \"sampling\"?",
            "extensionProviders[0].nam: unknown field \"nam\"; did you mean \"name\"?",
            "extensionProviders[0].name: is required, and must be a string",
            "extensionProviders[0].zipkin.port: is required, and must be an integer from 1 to 65535",
            "mixerCheckServer: unknown field \"mixerCheckServer\": the Mixer components were removed in Istio 1.8",
            "outboundTrafficPolicy.mode: must be one of REGISTRY_ONLY, ALLOW_ANY, ALLOW_ANY_DYNAMIC_DNS, but is the "
                + "string \"ALLOW_ALL\"; did you mean \"ALLOW_ANY\"?",
        ]
        #expect(
            IstioOperatorSpec.read(["meshConfig": faulty]).diagnostics.map(\.description)
                == expected.map { "spec.meshConfig.\($0)" })
        #expect(
            IstioOperatorSpec.read(["values": ["meshConfig": faulty]]).diagnostics.map(\.description)
                == expected.map { "spec.values.meshConfig.\($0)" })
    }

    @Test(arguments: ["10", "s", "1.2.3s", "1 s", "-", "", "10sec", "1m30"])
    func refusesWhatIsNoTime(_ text: String) {
        let diagnostics = IstioOperatorSpec.read(["meshConfig": ["dnsRefreshRate": .string(text)]]).diagnostics
        #expect(diagnostics.map(\.path) == ["spec.meshConfig.dnsRefreshRate"])
    }

    /// The API server is told nothing of it, so that a field that a newer release knows does not stop an apply.
    @Test func leavesFaultsToOurMessages() {
        #expect(
            Schema.istioOperatorSpec.openAPI["properties", "meshConfig", "x-kubernetes-preserve-unknown-fields"] == true
        )
        #expect(Schema.istioOperatorSpec.openAPI["properties", "meshConfig", "properties"] == nil)
    }
}
