import KubernetesModel
import Testing

@testable import SidecarInjector

@Suite struct OverrideTests {
    static let own: JSONValue = [
        "name": "istio-proxy", "image": "auto", "resources": ["limits": ["cpu": "1"]],
        "env": [["name": "TRUST_DOMAIN", "value": "own"]],
    ]

    @Test(arguments: [true, false])
    func thePersonsOwnContainerWins(isNative: Bool) throws {
        let result = try #require(
            try injected(pod([["name": "app", "image": "a"], Self.own]), try settings(isNative: isNative)))
        let proxy = try #require(result.container("istio-proxy"))
        #expect(proxy["image"] == "registry.test/mesh/proxyv2:1.0")
        #expect(proxy["resources"] == ["limits": ["cpu": "1"]])
        #expect(proxy.variableText("TRUST_DOMAIN") == "own")
        #expect(proxy.variableText("CA_ADDR") == "istiod.istio-system.svc:15012")
        #expect(result.names(isNative ? "containers" : "initContainers").contains("istio-proxy") == false)
        let overrides = try JSONValue(parsing: try #require(result.annotation("proxy.istio.io/overrides")))
        var kept = Self.own
        kept["image"] = nil
        #expect(overrides == .object([isNative ? "initContainers" : "containers": [kept]]))
    }

    @Test func theCaptureKnowsTheUserOfThePersonsOwnContainer() throws {
        var own = Self.own
        own["securityContext"] = ["runAsUser": 1234]
        let result = try #require(try injected(pod([["name": "app"], own]), try settings()))
        let arguments = result.container("istio-init")?["args"]?.strings ?? []
        #expect(arguments[try #require(arguments.firstIndex(of: "-u")) + 1] == "1234")
        let transparent = try settings(mesh: ["defaultConfig": ["interceptionMode": "TPROXY"]])
        let asRoot = try #require(try injected(pod([["name": "app"], own]), transparent))
        #expect(asRoot.container("istio-proxy")?["securityContext"]?["runAsUser"] == 0)
        #expect(asRoot.container("istio-proxy")?["securityContext"]?["capabilities"]?["add"] == ["NET_ADMIN"])
    }

    @Test func aSecondInjectionKeepsWhatIsOwnAndTakesNewSettings() throws {
        let first = try #require(try injected(pod([["name": "app", "image": "a"], Self.own]), try settings()))
        let again = try #require(
            try injected(first, try settings(["global": ["tag": "2.0", "proxy": ["logLevel": "debug"]]])))
        let proxy = try #require(again.container("istio-proxy"))
        #expect(proxy["image"] == "registry.test/mesh/proxyv2:2.0")
        #expect(proxy["resources"] == ["limits": ["cpu": "1"]])
    }

    @Test(arguments: [true, false])
    func aSidecarChangesItsKindAtTheNextInjection(toNative: Bool) throws {
        let first = try #require(try injected(pod(), try settings(isNative: !toNative)))
        let second = try #require(try injected(first, try settings(isNative: toNative)))
        #expect(second.names("containers") == (toNative ? ["app"] : ["app", "istio-proxy"]))
        #expect(second.container("istio-proxy")?["restartPolicy"] == (toNative ? "Always" : Optional.none))
    }
}
