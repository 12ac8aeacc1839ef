import KubernetesModel
import MeshModel
import MeshTranslator
import Testing

@Suite struct MeshSettingsTests {
    @Test func withoutAConfigMapTheControlPlanesOwnHold() {
        var base = MeshSettings()
        base.clusterID = "east"
        #expect(meshSettings(nil, over: base) == Translated(base))
        #expect(meshSettings("", over: base) == Translated(base))
    }

    @Test func fieldsAreRead() throws {
        let translated = meshSettings(
            """
            trustDomain: td.example
            trustDomainAliases: [old.example]
            caCertificates: [{pem: ONE}, {pem: " "}, {spiffeBundleUrl: "https://other.example"}, {pem: TWO}]
            rootNamespace: mesh
            enableAutoMtls: false
            meshMTLS: {minProtocolVersion: TLSV1_3}
            outboundTrafficPolicy: {mode: REGISTRY_ONLY}
            inboundTrafficPolicy: {mode: LOCALHOST}
            connectTimeout: 2.5s
            protocolDetectionTimeout: 100ms
            dnsRefreshRate: 1m
            tcpKeepalive: {time: 10s, probes: 3}
            h2UpgradePolicy: UPGRADE
            pathNormalization: {normalization: MERGE_SLASHES}
            proxyHttpPort: 15002
            accessLogFile: /dev/stdout
            accessLogEncoding: JSON
            accessLogFormat: '{}'
            disableEnvoyListenerLog: true
            enableTracing: true
            extensionProviders: [{name: p, prometheus: {}}]
            defaultProviders: {metrics: [p]}
            ingressClass: other
            ingressControllerMode: DEFAULT
            ingressService: front
            ingressSelector: front-gateway
            localityLbSetting:
              enabled: false
              failover: [{from: a, to: b}]
              distribute: [{from: a/*, to: {a/x: 80, a/y: 20}}]
            discoverySelectors: [{matchLabels: {mesh: "on"}}]
            defaultServiceExportTo: ["."]
            serviceSettings: [{settings: {clusterLocal: true}, hosts: ["*.ns.svc.cluster.local"]}]
            defaultConfig:
              interceptionMode: TPROXY
              discoveryAddress: istiod.mesh.svc:15012
              drainDuration: 20s
              gatewayTopology: {numTrustedProxies: 2}
              proxyMetadata: {ISTIO_META_DNS_CAPTURE: "true"}
            """, over: MeshSettings())
        var expected = MeshSettings()
        expected.trustDomain = "td.example"
        expected.trustDomainAliases = ["old.example"]
        expected.trustedRoots = ["ONE", "TWO"]
        expected.rootNamespace = "mesh"
        expected.usesAutoMutualTLS = false
        expected.meshTLS.minimumVersion = "TLSV1_3"
        expected.outboundPolicy = .registryOnly
        expected.inboundPolicy = .localhost
        expected.connectTimeout = .milliseconds(2500)
        expected.protocolDetectionTimeout = .milliseconds(100)
        expected.dnsRefreshRate = .seconds(60)
        expected.tcpKeepalive = TCPKeepalive(time: .seconds(10), probes: 3)
        expected.upgradesToHTTP2 = true
        expected.pathNormalization = .mergeSlashes
        expected.httpProxyPort = 15002
        expected.accessLog.file = "/dev/stdout"
        expected.accessLog.encoding = .json
        expected.accessLog.format = "{}"
        expected.accessLog.logsListeners = false
        expected.isTracingEnabled = true
        expected.extensionProviders = ["p": ["name": "p", "prometheus": [:]]]
        expected.defaultProviders.metrics = ["p"]
        expected.ingress.className = "other"
        expected.ingress.mode = .byDefault
        expected.ingress.service = "front"
        expected.ingress.selector = "front-gateway"
        expected.localityLoadBalancing.isEnabled = false
        expected.localityLoadBalancing.failover = [.init(from: "a", to: "b")]
        expected.localityLoadBalancing.distribute = [.init(from: "a/*", to: ["a/x": 80, "a/y": 20])]
        expected.discoverySelectors = [LabelSelector(matchLabels: ["mesh": "on"])]
        expected.defaultServiceVisibility = ["."]
        expected.clusterLocalHosts = ["*.ns.svc.cluster.local": true]
        expected.proxyDefaults.interceptionMode = .tproxy
        expected.proxyDefaults.discoveryAddress = "istiod.mesh.svc:15012"
        expected.proxyDefaults.drainDuration = .seconds(20)
        expected.proxyDefaults.trustedProxies = 2
        expected.proxyDefaults.gatewayTopology = ["numTrustedProxies": 2]
        expected.proxyDefaults.proxyMetadata = ["ISTIO_META_DNS_CAPTURE": "true"]
        #expect(translated == Translated(expected))
    }

    @Test(arguments: ["a: [", "- a", "text"])
    func aTextThatIsNoMapChangesNothing(yaml: String) {
        let translated = meshSettings(yaml, over: MeshSettings())
        #expect(translated.value == MeshSettings())
        #expect(translated.diagnostics.map(\.severity) == [.error])
        #expect(translated.diagnostics.map(\.path) == ["data.mesh"])
    }

    @Test func aBadFieldLeavesTheOthers() {
        let translated = meshSettings(
            """
            connectTimeout: soon
            trustDomain: td.example
            noSuchField: 1
            proxyListenPort: -1
            proxyInboundListenPort: 70000
            tcpKeepalive: {probes: -1}
            defaultConfig: {gatewayTopology: {numTrustedProxies: -1}}
            discoverySelectors: [{matchExpressions: [{key: a, operator: Perhaps}]}]
            """, over: MeshSettings())
        var expected = MeshSettings()
        expected.trustDomain = "td.example"
        expected.tcpKeepalive = TCPKeepalive()
        expected.proxyDefaults.gatewayTopology = ["numTrustedProxies": -1]
        #expect(translated.value == expected)
        let paths = Set(translated.diagnostics.map(\.path))
        #expect(paths.isSuperset(of: ["data.mesh.connectTimeout", "data.mesh.noSuchField"]))
        #expect(translated.diagnostics.allSatisfy { $0.severity == .warning })
    }
}
