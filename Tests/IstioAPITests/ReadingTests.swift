import IstioAPI
import KubernetesModel
import Testing

/// What is read from a spec that has no faults.
@Suite struct ReadingTests {
    /// Lists replace those of the profile, so an empty one leaves no gateway; null says nothing.
    @Test func anEmptyListOfGatewaysIsNoGateway() throws {
        let read = IstioOperatorSpec.read(["components": ["ingressGateways": [], "egressGateways": nil]])
        #expect(read.diagnostics == [])
        #expect(read.spec.components.ingressGateways.map(\.name) == ["istio-ingressgateway"])
        #expect(read.spec.components.ingressGateways.map(\.component.enabled) == [false])
        #expect(read.spec.components.egressGateways == [])
        #expect(IstioOperatorSpec.read(read.spec.json).spec == read.spec)
    }

    /// Istio's documentation itself writes ports of providers in quotes.
    @Test func numbersOfTheMeshConfigurationMayBeInQuotes() throws {
        func mesh(_ port: JSONValue, _ sampling: JSONValue) -> JSONValue {
            [
                "extensionProviders": [["name": "a", "envoyExtAuthzGrpc": ["service": "b.c", "port": port]]],
                "defaultConfig": ["tracing": ["sampling": sampling]],
            ]
        }
        let read = IstioOperatorSpec.read([
            "meshConfig": mesh("9000", "10.5"), "values": ["meshConfig": mesh("9001", "7")],
        ])
        #expect(read.diagnostics == [])
        #expect(read.spec.meshConfig == mesh(9000, 10.5))
        #expect(read.spec.values?["meshConfig"] == mesh(9001, 7))
        #expect(IstioOperatorSpec.read(["meshConfig": mesh("http", 1)]).diagnostics.count == 1)
    }

    @Test func takesEveryField() throws {
        let spec = try #require(
            try JSONValue.documents(
                yaml: """
                    profile: demo
                    installPackagePath: /profiles
                    hub: docker.io/istio
                    tag: 1.29.0
                    namespace: istio-system
                    revision: canary
                    compatibilityVersion: "1.28"
                    meshConfig: {accessLogFile: /dev/stdout}
                    components:
                      base: {enabled: true}
                      pilot: {enabled: true, hub: example.com/x, tag: 7, namespace: a, k8s: {replicaCount: 2}}
                      cni: {}
                      ztunnel: {enabled: false}
                      istiodRemote: {enabled: false}
                      ingressGateways:
                      - {name: front, namespace: edge, label: {app: front}, enabled: true}
                      - {enabled: false}
                      egressGateways:
                      - {}
                    values: {global: {network: one}}
                    unvalidatedValues: {anything: [1]}
                    updateStrategy: {type: RevisionBased, inactiveRevisionDeletionGracePeriodSeconds: 5,
                                     updateWorkloads: true, maxUnavailableWorkloads: 10%}
                    """
            ).first)
        let read = IstioOperatorSpec.read(spec)
        #expect(read.diagnostics == [])

        var expected = IstioOperatorSpec()
        expected.profile = "demo"
        expected.installPackagePath = "/profiles"
        expected.hub = "docker.io/istio"
        expected.tag = "1.29.0"
        expected.namespace = "istio-system"
        expected.revision = "canary"
        expected.compatibilityVersion = "1.28"
        expected.meshConfig = ["accessLogFile": "/dev/stdout"]
        expected.values = ["global": ["network": "one"]]
        expected.unvalidatedValues = ["anything": [1]]
        expected.updateStrategy.type = .revisionBased
        expected.updateStrategy.inactiveRevisionDeletionGracePeriodSeconds = 5
        expected.updateStrategy.updateWorkloads = true
        expected.updateStrategy.maxUnavailableWorkloads = "10%"
        var pilot = ComponentSpec()
        (pilot.enabled, pilot.hub, pilot.tag, pilot.namespace) = (true, "example.com/x", "7", "a")
        pilot.k8s = ["replicaCount": 2]
        expected.components.pilot = pilot
        expected.components.base = component(enabled: true)
        expected.components.cni = ComponentSpec()
        expected.components.ztunnel = component(enabled: false)
        expected.components.istiodRemote = component(enabled: false)
        var front = GatewaySpec(name: "front")
        front.label = ["app": "front"]
        (front.component.enabled, front.component.namespace) = (true, "edge")
        var back = GatewaySpec(name: "istio-ingressgateway")
        back.component.enabled = false
        expected.components.ingressGateways = [front, back]
        expected.components.egressGateways = [GatewaySpec(name: "istio-egressgateway")]
        #expect(read.spec == expected)
    }

    private func component(enabled: Bool) -> ComponentSpec {
        var component = ComponentSpec()
        component.enabled = enabled
        return component
    }

    @Test(arguments: [
        JSONValue.null, [:], ["profile": nil, "components": nil, "values": nil],
        ["profile": "", "hub": "", "tag": ""],
    ])
    func nothingIsAllDefaults(_ json: JSONValue) {
        #expect(IstioOperatorSpec.read(json) == ReadSpec(spec: IstioOperatorSpec(), diagnostics: []))
    }

    @Test(arguments: [("", nil), ("default", nil), ("canary", "canary"), ("1-29-0", "1-29-0")])
    func revisionDefaultIsNone(_ written: String, _ read: String?) {
        let result = IstioOperatorSpec.read(["revision": .string(written)])
        #expect(result.spec.revision == read)
        #expect(result.diagnostics == [])
    }

    @Test(arguments: [
        (JSONValue.string("1.10"), "1.10", 0), (.integer(7), "7", 0), (.double(1.1), "1.1", 1),
        (.bool(true), "true", 0),
    ])
    func tagIsAnyScalar(_ tag: JSONValue, _ read: String, _ warnings: Int) {
        let result = IstioOperatorSpec.read(["tag": tag, "components": ["pilot": ["tag": tag]]])
        #expect(result.spec.tag == read)
        #expect(result.spec.components.pilot?.tag == read)
        #expect(result.diagnostics.map(\.path) == (warnings == 0 ? [] : ["spec.tag", "spec.components.pilot.tag"]))
        #expect(!result.diagnostics.hasErrors)
    }

    /// One fault takes nothing from the other fields.
    @Test func readsAroundFaults() {
        let result = IstioOperatorSpec.read([
            "profile": 5, "hub": "docker.io/istio", "components": ["pilot": 1, "cni": ["enabled": "no", "k8s": [:]]],
            "values": [1],
        ])
        #expect(result.diagnostics.hasErrors)
        #expect(result.spec.profile == nil)
        #expect(result.spec.hub == "docker.io/istio")
        #expect(result.spec.components.pilot == nil)
        #expect(result.spec.components.cni?.enabled == nil)
        #expect(result.spec.components.cni?.k8s == [:])
        #expect(result.spec.values == nil)
    }

    @Test func takesThePartsOfAnObject() {
        let object = UnstructuredObject([
            "apiVersion": "install.istio.io/v1alpha1", "kind": "IstioOperator",
            "metadata": ["name": "mesh", "namespace": "istio-system", "generation": 3],
            "spec": ["profile": "minimal"], "status": ["status": "HEALTHY"],
        ])
        let iop = IstioOperator(object)
        #expect(iop.key == ObjectKey(namespace: "istio-system", name: "mesh"))
        #expect(iop.metadata.generation == 3)
        #expect(iop.read().spec.profile == "minimal")
        #expect(iop.status.word == .healthy)
        #expect(IstioOperator(UnstructuredObject([:])).read() == ReadSpec(spec: IstioOperatorSpec(), diagnostics: []))
    }
}
