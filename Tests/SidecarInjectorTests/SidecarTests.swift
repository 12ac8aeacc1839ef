import KubernetesModel
import Testing

@testable import SidecarInjector

@Suite struct SidecarTests {
    @Test func aNativeSidecarStartsAfterTheCaptureAndBeforeTheRest() throws {
        let pod = pod(spec: ["initContainers": [["name": "migrate", "image": "m"]]])
        let result = try #require(try injected(pod, try settings()))
        #expect(result.names("initContainers") == ["istio-init", "istio-proxy", "migrate"])
        #expect(result.names("containers") == ["app"])
        #expect(result.container("istio-proxy")?["restartPolicy"] == "Always")
    }

    @Test func aClassicSidecarIsLastAndCaptureComesAfterOtherInitContainers() throws {
        let pod = pod(spec: ["initContainers": [["name": "migrate", "image": "m"]]])
        let result = try #require(try injected(pod, try settings(isNative: false)))
        #expect(result.names("initContainers") == ["migrate", "istio-init"])
        #expect(result.names("containers") == ["app", "istio-proxy"])
        #expect(result.container("istio-proxy")?["restartPolicy"] == nil)
    }

    @Test func withAPluginThereIsOnlyAValidation() throws {
        let result = try #require(
            try injected(
                pod(spec: ["initContainers": [["name": "migrate", "image": "m"]]]),
                try settings(["pilot": ["cni": ["enabled": true]]], isNative: false)))
        #expect(result.names("initContainers") == ["istio-validation", "migrate"])
        #expect(result.container("istio-validation")?["securityContext"]?["capabilities"] == ["drop": ["ALL"]])
        #expect(result.annotation("traffic.sidecar.istio.io/excludeInboundPorts") == "15020")
    }

    @Test func theApplicationWaitsWhereItIsAsked() throws {
        let pod = pod(annotations: ["proxy.istio.io/config": "holdApplicationUntilProxyStarts: true"])
        let result = try #require(try injected(pod, try settings(isNative: false)))
        #expect(result.names("containers") == ["istio-proxy", "app"])
        #expect(
            result.container("istio-proxy")?["lifecycle"]
                == ["postStart": ["exec": ["command": ["pilot-agent", "wait"]]]])
    }

    @Test func aPodDecidesWhetherItsSidecarIsNative() throws {
        let native = pod(annotations: ["sidecar.istio.io/nativeSidecar": "true"])
        let classic = pod(annotations: ["sidecar.istio.io/nativeSidecar": "false"])
        #expect(try injected(native, try settings(isNative: false))?.names("containers") == ["app"])
        #expect(try injected(classic, try settings())?.names("containers") == ["app", "istio-proxy"])
    }

    /// An API server of 1.32 may have nodes of 1.29, one of 1.31 nodes that do not know such containers.
    @Test(arguments: [(28, false), (31, false), (33, true), (36, true)])
    func nativeSidecarsNeedKubernetes33(minor: Int, isNative: Bool) {
        #expect(InjectionFacts(kubernetesMinor: minor).usesNativeSidecars == isNative)
        let environment = ["ENABLE_NATIVE_SIDECARS": "auto"]
        #expect(InjectionFacts(kubernetesMinor: minor, environment: environment).usesNativeSidecars == isNative)
    }

    @Test func annotationsOfTheProxyConfigAreAdded() throws {
        let mesh: JSONValue = ["defaultConfig": ["proxyMetadata": ["A": "1"], "concurrency": 2]]
        let pod = pod(annotations: ["proxy.istio.io/config": "proxyMetadata: {B: '2'}\nstat_name_length: 189"])
        let result = try #require(try injected(pod, try settings(mesh: mesh)))
        let proxy = try #require(result.container("istio-proxy"))
        #expect(proxy.variableText("PROXY_CONFIG") == #"{"concurrency":2,"proxyMetadata":{"A":"1","B":"2"}}"#)
        #expect(proxy.variableText("A") == "1")
        #expect(proxy.variableText("B") == "2")
    }

    @Test func resourcesOfAnnotationsReplaceTheOthers() throws {
        let values: JSONValue = [
            "global": [
                "proxy": ["resources": ["limits": ["cpu": "2000m", "memory": "1024Mi"], "requests": ["cpu": .null]]]
            ]
        ]
        let standard = try #require(try injected(pod(), try settings(values)))
        #expect(standard.container("istio-proxy")?["resources"] == ["limits": ["cpu": "2", "memory": "1Gi"]])
        let own = try #require(
            try injected(pod(annotations: ["sidecar.istio.io/proxyCPU": "5m"]), try settings(values)))
        #expect(own.container("istio-proxy")?["resources"] == ["requests": ["cpu": "5m"]])
    }

    @Test(arguments: [
        ("", "1.0"), ("distroless", "1.0-distroless"), ("default", "1.0"), ("debug", "1.0-debug"),
    ])
    func theVariantOfTheImageIsInItsTag(type: String, tag: String) throws {
        let mesh: JSONValue = ["defaultConfig": ["image": ["imageType": .string(type)]]]
        let result = try #require(try injected(pod(), try settings(mesh: mesh)))
        #expect(result.container("istio-proxy")?["image"] == .string("registry.test/mesh/proxyv2:\(tag)"))
    }

    @Test func theNamesOfClusterAndNetworkComeWithTheRequest() throws {
        let environment = ["ISTIO_META_CLUSTER_ID": "east", "ISTIO_META_NETWORK": "n1"]
        let result = try #require(try injected(pod(), try settings(), proxyEnvironment: environment))
        #expect(result.container("istio-proxy")?.variableText("ISTIO_META_CLUSTER_ID") == "east")
        #expect(result.label("topology.istio.io/network") == "n1")
    }

    @Test func namesOfServicesFitIntoLabels() {
        #expect(
            TemplateContext.labelValue(String(repeating: "a", count: 62) + "-bc") == String(repeating: "a", count: 62))
        #expect(TemplateContext.labelValue("short") == "short")
    }

    @Test(arguments: [
        ("2000m", "2"), ("100m", "100m"), ("1024Mi", "1Gi"), ("1500Mi", "1500Mi"), ("0.5", "500m"), ("1000", "1k"),
        ("0", "0"), ("128M", "128M"), ("1e3", "1e3"), ("nonsense", "nonsense"), ("1.5Gi", "1.5Gi"),
    ])
    func amountsAreSpelledAsAnAPIServerSpellsThem(written: String, canonical: String) {
        #expect(Quantity.canonicalText(written) == canonical)
    }
}
