import KubernetesModel
import Testing

@testable import EnvoyBootstrap

@Suite struct NodeTests {
    private func node(
        _ environment: [String: String] = [:], settings: JSONValue = .object([:]), labels: [String: String] = [:],
        role: ProxyRole = .sidecar
    ) -> NodeDescription {
        nodeDescription(
            of: NodeInput(
                role: role, environment: environment, settings: ProxySettings([settings]), labels: labels,
                annotations: ["a": "1", "kubectl.kubernetes.io/last-applied-configuration": "{}"],
                addresses: ["10.0.0.7", "fd00::7"], podName: "web-1", namespace: "shop"))
    }

    @Test(arguments: ProxyRole.allCases)
    func isNamedAsControlPlanesReadIt(_ role: ProxyRole) {
        #expect(node(role: role).id == "\(role.rawValue)~10.0.0.7~web-1.shop~shop.svc.cluster.local")
    }

    @Test func tellsThePodAndItsSettings() {
        let metadata = node(
            ["SERVICE_ACCOUNT": "web", "ISTIO_META_CLUSTER_ID": "east", "ISTIO_META_POD_PORTS": "[]"],
            settings: ["discoveryAddress": "istiod-canary.istio-system.svc:15012", "meshId": "m"],
            labels: ["app": "web"]
        ).metadata
        #expect(metadata["NAME"] == "web-1")
        #expect(metadata["NAMESPACE"] == "shop")
        #expect(metadata["SERVICE_ACCOUNT"] == "web")
        #expect(metadata["CLUSTER_ID"] == "east")
        #expect(metadata["INSTANCE_IPS"] == "10.0.0.7,fd00::7")
        #expect(metadata["LABELS"] == ["app": "web"])
        #expect(metadata["ANNOTATIONS"] == ["a": "1"])
        #expect(metadata["PILOT_SAN"] == ["istiod-canary.istio-system.svc"])
        #expect(metadata["MESH_ID"] == "m")
        #expect(metadata["INTERCEPTION_MODE"] == "REDIRECT")
        #expect(metadata["PROXY_CONFIG"]?["meshId"] == "m")
    }

    @Test func anythingCanBeSaidOtherwise() {
        let environment = [
            "ISTIO_META_DNS_CAPTURE": "false", "ISTIO_METAJSON_ANY": #"{"LABELS":{"x":"y"},"EXTRA":7}"#,
            "ISTIO_METAJSON_LIST": "[1]", "ISTIO_METAJSON_BROKEN": "{",
        ]
        let settings: JSONValue = ["proxyMetadata": ["ISTIO_META_DNS_CAPTURE": "true", "ISTIO_META_OTHER": "o"]]
        let metadata = node(environment, settings: settings, labels: ["app": "web"]).metadata
        #expect(metadata["DNS_CAPTURE"] == "false", "the environment is over ProxyConfig")
        #expect(metadata["OTHER"] == "o")
        #expect(metadata["LABELS"] == ["app": "web", "x": "y"])
        #expect(metadata["EXTRA"] == 7)
        #expect(metadata["LIST"] == [1])
        #expect(metadata["BROKEN"] == nil)
    }

    static let services: [(labels: [String: String], settings: JSONValue, cluster: String)] = [
        (["app": "web"], [:], "web.shop"), ([:], ["serviceCluster": "billing"], "billing"),
        ([:], ["serviceCluster": "istio-proxy"], "wl.shop"),
        (["service.istio.io/canonical-name": "c"], ["tracingServiceName": "CANONICAL_NAME_ONLY"], "c"),
        (["service.istio.io/canonical-name": "c"], ["tracingServiceName": "CANONICAL_NAME_AND_NAMESPACE"], "c.shop"),
    ]

    @Test(arguments: services)
    func belongsToAService(_ labels: [String: String], _ settings: JSONValue, _ cluster: String) {
        #expect(node(["ISTIO_META_WORKLOAD_NAME": "wl"], settings: settings, labels: labels).cluster == cluster)
    }

    @Test func readsItsPlaceFromALabel() {
        let node = node(labels: ["istio-locality": "eu.west.rack1"])
        #expect([node.region, node.zone, node.subzone] == ["eu", "west", "rack1"])
        #expect(node.json["locality"] == ["region": "eu", "zone": "west", "sub_zone": "rack1"])
    }

    @Test func laterSettingsWinAndTracersReplaceEachOther() {
        let settings = ProxySettings([
            ["tracing": ["zipkin": ["address": "a:1"]], "concurrency": 2, "proxyMetadata": ["A": "1", "B": "2"]],
            ["tracing": ["datadog": ["address": "b:1"]], "proxyMetadata": ["B": "3"]],
        ])
        #expect(settings.fields["tracing"] == ["datadog": ["address": "b:1"]])
        #expect(settings.concurrency == 2)
        #expect(settings.environment == ["A": "1", "B": "3"])
    }

    @Test(arguments: [
        ("45s", Duration.seconds(45)), ("1m30s", .seconds(90)), ("0.5s", .milliseconds(500)),
        ("250ms", .milliseconds(250)),
        ("0", .zero),
    ])
    func readsDurations(_ text: String, _ duration: Duration) {
        #expect(Duration(goText: text) == duration)
    }

    @Test(arguments: ["", "5", "s", "5 s", "-5s", "1e999s"])
    func refusesWhatIsNoDuration(_ text: String) { #expect(Duration(goText: text) == nil) }
}
