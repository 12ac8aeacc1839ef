import KubernetesModel
import Testing

@testable import SidecarInjector

@Suite struct SelectionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var config: JSONValue = [:]
        var labels: [String: String] = [:]
        var annotations: [String: String] = [:]
        var namespace = "default"
        var spec: JSONValue = [:]
        var isInjected: Bool
    }

    static let never: JSONValue = ["neverInjectSelector": [["matchLabels": ["kind": "builder"]]]]
    static let inject = "sidecar.istio.io/inject"

    @Test(arguments: [
        Case(testDescription: "enabled, says nothing", isInjected: true),
        Case(testDescription: "disabled, says nothing", config: ["policy": "disabled"], isInjected: false),
        Case(
            testDescription: "disabled, asks", config: ["policy": "disabled"], labels: [inject: "true"],
            isInjected: true),
        Case(testDescription: "off, asks", config: ["policy": "off"], labels: [inject: "true"], isInjected: false),
        Case(testDescription: "refuses by label", labels: [inject: "false"], isInjected: false),
        Case(testDescription: "refuses by annotation", annotations: [inject: "false"], isInjected: false),
        Case(
            testDescription: "the label counts more", labels: [inject: "true"], annotations: [inject: "false"],
            isInjected: true),
        Case(testDescription: "a word that is none", labels: [inject: "perhaps"], isInjected: false),
        Case(testDescription: "host network", spec: ["hostNetwork": true], isInjected: false),
        Case(testDescription: "system namespace", namespace: "kube-system", isInjected: false),
        Case(testDescription: "never", config: never, labels: ["kind": "builder"], isInjected: false),
        Case(
            testDescription: "asks in spite of never", config: never, labels: ["kind": "builder", inject: "true"],
            isInjected: true),
        Case(
            testDescription: "always",
            config: ["policy": "disabled", "alwaysInjectSelector": [["matchLabels": ["kind": "web"]]]],
            labels: ["kind": "web"], isInjected: true),
        Case(
            testDescription: "an empty selector selects nothing", config: ["neverInjectSelector": [[:]]],
            isInjected: true),
    ])
    func whoGetsASidecar(_ example: Case) throws {
        let pod = pod(annotations: example.annotations, labels: example.labels, spec: example.spec)
        let result = try injected(pod, try settings(config: example.config), namespace: example.namespace)
        #expect((result != nil) == example.isInjected)
    }

    /// Whoever calls the injector on a file has asked already; who refuses is not injected even so.
    @Test func byHandThePolicyDoesNotCount() throws {
        for policy in ["disabled", "off"] {
            let settings = try settings(config: ["policy": .string(policy)])
            #expect(try injected(pod(), settings) == nil)
            #expect(try injected(pod(), settings.byHand) != nil)
            #expect(try injected(pod(labels: [Self.inject: "false"]), settings.byHand) == nil)
            #expect(try injected(pod(spec: ["hostNetwork": true]), settings.byHand) == nil)
        }
    }

    @Test(arguments: [("Default", 1), ("ClusterFirst", 0), ("None", 0)])
    func whoMayNotFindTheControlPlaneIsTold(policy: String, count: Int) throws {
        let request = InjectionRequest(pod: pod(spec: ["dnsPolicy": .string(policy)]), namespace: "default")
        guard case .injected(_, let warnings) = try injection(of: request, with: settings()) else {
            Issue.record("not injected")
            return
        }
        #expect(warnings.filter { $0.contains("dnsPolicy") }.count == count)
    }

    @Test(arguments: [
        ("traffic.sidecar.istio.io/includeOutboundIPRanges", "10.0.0.1"),
        ("traffic.sidecar.istio.io/excludeOutboundIPRanges", "*"),
        ("traffic.sidecar.istio.io/includeInboundPorts", "http"),
        ("traffic.sidecar.istio.io/excludeInboundPorts", "80,,81"),
        ("traffic.sidecar.istio.io/excludeOutboundPorts", "65536"), ("status.sidecar.istio.io/port", "-1"),
        ("readiness.status.sidecar.istio.io/periodSeconds", "soon"), ("sidecar.istio.io/interceptionMode", "redirect"),
        ("sidecar.istio.io/userVolume", "[1]"), ("sidecar.istio.io/userVolume", #"[{"emptyDir":{}}]"#),
        ("proxy.istio.io/config", "- a list"), ("sidecar.istio.io/enableCoreDump", "yes"),
        ("prometheus.istio.io/merge-metrics", "perhaps"), ("status.sidecar.istio.io/port", "+1"),
        ("sidecar.istio.io/proxyMemoryLimit", "much"), ("inject.istio.io/templates", "sidecar,"),
    ])
    func badAnnotationsAreNamed(name: String, value: String) throws {
        let error = #expect(throws: InjectionError.self) {
            try injected(pod(annotations: [name: value]), try settings())
        }
        #expect(error?.diagnostics.first?.path == "metadata.annotations[\"\(name)\"]")
    }

    @Test(arguments: [
        ("readiness.status.sidecar.istio.io/applicationPorts", "*"), ("sidecar.istio.io/enableCoreDump", "true"),
        ("prometheus.istio.io/merge-metrics", "0"), ("sidecar.istio.io/proxyCPU", ""),
        ("sidecar.istio.io/userVolume", "[]"), ("traffic.sidecar.istio.io/excludeOutboundPorts", "80, 81"),
        ("proxy.istio.io/config", "{concurrency: '2', proxyMetadata: {A: 1}, drainDuration: 30s}"),
    ])
    func goodAnnotationsAreTaken(name: String, value: String) throws {
        #expect(try injected(pod(annotations: [name: value]), try settings()) != nil)
    }

    @Test func allFaultsAtOnce() throws {
        let annotations = [
            "traffic.sidecar.istio.io/includeInboundPorts": "x", "status.sidecar.istio.io/port": "y",
        ]
        let error = #expect(throws: InjectionError.self) {
            try injected(pod(annotations: annotations), try settings())
        }
        #expect(error?.diagnostics.count == 2)
    }

    @Test(arguments: ["*", "", "10.0.0.0/8", "10.0.0.0/8,fd00::/8,::/0"])
    func goodRanges(_ ranges: String) throws {
        let pod = pod(annotations: ["traffic.sidecar.istio.io/includeOutboundIPRanges": ranges])
        let result = try #require(try injected(pod, try settings()))
        let arguments = result.container("istio-init")?["args"]?.strings ?? []
        let flag = try #require(arguments.firstIndex(of: "-i"))
        #expect(arguments[flag + 1] == ranges)
    }
}
