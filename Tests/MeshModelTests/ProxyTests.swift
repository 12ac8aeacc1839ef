import KubernetesModel
import MeshModel
import Testing

@Suite struct ProxyTests {
    private let id = "sidecar~10.1.0.5~reviews-v2-abc-1.shop~shop.svc.cluster.local"

    @Test func aNodeSaysWhoItIs() throws {
        let node = ProxyNode(
            id: id,
            metadata: [
                "NAMESPACE": "shop", "LABELS": ["app": "reviews", "version": "v2"], "SERVICE_ACCOUNT": "reviews",
                "CLUSTER_ID": "east", "NETWORK": "net1", "INSTANCE_IPS": "10.1.0.5, fd00::5",
                "INTERCEPTION_MODE": "TPROXY", "WORKLOAD_NAME": "reviews-v2", "NODE_NAME": "n1",
                "ISTIO_VERSION": "1.30.0", "DNS_CAPTURE": "true",
            ], locality: Locality(region: "r"), version: EnvoyVersion(1, 36, 2))
        let proxy = try Proxy(node)
        #expect(proxy.kind == .sidecar)
        #expect(proxy.name == "reviews-v2-abc-1")
        #expect(proxy.namespace == "shop")
        #expect(proxy.addresses == ["10.1.0.5", "fd00::5"])
        #expect(proxy.isDualStack)
        #expect(proxy.labels == ["app": "reviews", "version": "v2"])
        #expect(proxy.identity.spiffeID(trustDomain: "td") == "spiffe://td/ns/shop/sa/reviews")
        #expect(proxy.clusterID == "east")
        #expect(proxy.network == "net1")
        #expect(proxy.locality == Locality(region: "r"))
        #expect(proxy.dnsDomain == "shop.svc.cluster.local")
        #expect(proxy.interceptionMode == .tproxy)
        #expect(proxy.workloadName == "reviews-v2")
        #expect(proxy.canonicalName == "reviews")
        #expect(proxy.istioVersion == "1.30.0")
        #expect(proxy.isOn("DNS_CAPTURE"))
        #expect(!proxy.isOn("HTTP10"))
        #expect(proxy.capabilities == ProxyCapabilities(version: EnvoyVersion(1, 36, 2)))
    }

    @Test func theIdAloneIsEnough() throws {
        let proxy = try Proxy(ProxyNode(id: "router~::1~gw.a.ns~ns.svc.cluster.local", metadata: .null))
        #expect(proxy.kind == .router)
        #expect(proxy.name == "gw.a")
        #expect(proxy.namespace == "ns")
        #expect(proxy.addressFamilies == .ipv6)
        #expect(proxy.interceptionMode == .redirect)
    }

    @Test(arguments: [
        "", "sidecar", "sidecar~1.1.1.1~a.b", "sidecar~1.1.1.1~a.b~c~d", "car~1.1.1.1~a.b~c", "sidecar~1.1.1.1~a~c",
        "sidecar~~a.b~c", "sidecar~1.1.1.1~.b~c", "sidecar~1.1.1.1~a.~c",
    ])
    func rubbishIsRefused(id: String) {
        let error = #expect(throws: ProxyNodeError.self) { try Proxy(ProxyNode(id: id)) }
        #expect(error?.id == id)
    }

    @Test func whatItWasBuiltWithDecidesWhatItCanBeSent() {
        func capabilities(_ extensions: [String], sha: String? = nil) -> ProxyCapabilities {
            ProxyCapabilities(
                ProxyNode(id: id, metadata: ["ISTIO_PROXY_SHA": JSONValue(sha)], extensions: extensions))
        }
        #expect(!capabilities([]).hasIstioFilters)
        #expect(capabilities([], sha: "istio-proxy:0f1e").hasIstioFilters)
        #expect(capabilities(["envoy.filters.http.router", "istio.stats"]).hasIstioFilters)
        #expect(!capabilities(["envoy.filters.http.router"], sha: "istio-proxy:0f1e").hasIstioFilters)
    }

    @Test(arguments: [
        ("r/z/s", Locality(region: "r", zone: "z", subzone: "s")), ("r.z", Locality(region: "r", zone: "z")),
        ("r", Locality(region: "r")), ("", .unknown), ("r.1/z/s/t", Locality(region: "r.1", zone: "z", subzone: "s/t")),
    ])
    func localitiesAreRead(text: String, expected: Locality) {
        #expect(Locality(parsing: text) == expected)
    }
}
