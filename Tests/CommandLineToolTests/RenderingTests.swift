import KubernetesModel
import ManifestRenderer
import Testing

@testable import CommandLineTool

/// What is said about an IstioOperator, and where.
@Suite struct RenderingTests {
    @Test func namesFileLineObjectAndField() throws {
        let input = try operatorInput([
            head + """
                  profil: demo
                  components:
                    pilot:
                      k8s:
                        hpaSpc: {}
                        env:
                        - nam: A
                  meshConfig: {acessLogFile: a}
                """
        ])
        #expect(
            Rendering(input, kubernetesMinor: 30).findings.map(\.description) == [
                "a.yaml:5:3: error: IstioOperator istio-system/mesh: spec.profil: unknown field \"profil\"; did you mean "
                    + "\"profile\"?",
                "a.yaml:9:9: error: IstioOperator istio-system/mesh: spec.components.pilot.k8s.hpaSpc: unknown field "
                    + "\"hpaSpc\"; did you mean \"hpaSpec\"?",
                "a.yaml:11:11: error: IstioOperator istio-system/mesh: spec.components.pilot.k8s.env[0].nam: unknown "
                    + "field \"nam\"; did you mean \"name\"?",
                "a.yaml:11:11: error: IstioOperator istio-system/mesh: spec.components.pilot.k8s.env[0].name: is "
                    + "required, and must be a string",
                "a.yaml:12:16: error: IstioOperator istio-system/mesh: spec.meshConfig.acessLogFile: unknown field "
                    + "\"acessLogFile\"; did you mean \"accessLogFile\"?",
            ])
    }

    /// Faults of single fields and of the whole are told together.
    @Test func tellsFieldsAndProfileAtOnce() throws {
        let input = try operatorInput([head + "  profile: minimall\n  hubb: a\n"])
        let rendering = Rendering(input, kubernetesMinor: 30)
        #expect(rendering.manifests == nil)
        #expect(rendering.isUnreadable)
        #expect(rendering.findings.map(\.place?.description) == ["a.yaml:5:3", "a.yaml:6:3"])
        #expect(rendering.findings[0].message.contains("did you mean \"minimal\"?"))
    }

    @Test func blamesTheLastThatSaysIt() throws {
        let first = head + "  hub: docker.io/istio\n  tag: a b\n  components: {pilot: {enabled: 1}}\n"
        let second = head + "  hub: a b\n  components:\n    pilot:\n      k8s: {}\n"
        let input = try operatorInput([first, second], "values.global.hub=c d", "components.pilot.hub=x")
        #expect(input.place(of: "spec.hub")?.description == "b.yaml:5:3")
        #expect(input.place(of: "spec.tag")?.description == "a.yaml:6:3")
        #expect(input.place(of: "spec.components.pilot.enabled")?.description == "a.yaml:7:24")
        #expect(input.place(of: "spec.components.pilot.k8s")?.description == "b.yaml:8:7")
        #expect(input.place(of: "spec.components.pilot.hub")?.description == "--set components.pilot.hub=x")
        #expect(input.place(of: "spec.values.global.hub")?.description == "--set values.global.hub=c d")
        #expect(input.place(of: "spec.values.global.nothing")?.description == "--set values.global.hub=c d")
        let messages = Rendering(input, kubernetesMinor: 30).findings.filter { $0.severity == .error }.map(
            \.description)
        #expect(
            messages.map { $0.prefix { $0 != ":" } } == ["a.yaml", "a.yaml", "b.yaml", "--set values.global.hub=c d"])
    }

    /// Some values are other names of fields: messages name what was written.
    @Test(arguments: [
        (
            "components.pilot.k8s.hpaSpec.minReplicas=9", "spec.values.pilot.autoscaleMin",
            "spec.components.pilot.k8s.hpaSpec.minReplicas"
        ),
        (
            "components.ingressGateways[0].k8s.hpaSpec.minReplicas=9",
            "spec.values.gateways.istio-ingressgateway.autoscaleMin",
            "spec.components.ingressGateways[0].k8s.hpaSpec.minReplicas"
        ),
        (
            "components.egressGateways[name:x].k8s.replicaCount=1", "spec.values.gateways.x.replicaCount",
            "spec.components.egressGateways[0].k8s.replicaCount"
        ),
        ("meshConfig.defaultConfig.a=1", "spec.values.meshConfig.defaultConfig.a", "spec.meshConfig.defaultConfig.a"),
        ("hub=x", "spec.values.global.hub", "spec.hub"),
        ("values.global.hub=x", "spec.values.global.hub", "spec.values.global.hub"),
        ("tag=x", "spec.values.global.hub", "spec.values.global.hub"),
    ])
    func namesFieldsAsTheyWereWritten(_ setting: String, _ path: String, _ written: String) throws {
        #expect(try operatorInput([], setting).writtenPath(of: path) == written)
    }

    /// What follows from a fault that was named is not named again.
    @Test func saysNothingTwice() throws {
        let overlay =
            "  components:\n    pilot:\n      k8s:\n        overlays:\n        - kid: Deployment\n          name: a\n"
        let found = Rendering(try operatorInput([head + overlay]), kubernetesMinor: 30).findings
        #expect(
            found.map { $0.message.prefix { $0 != ":" } } == [
                "spec.components.pilot.k8s.overlays[0].kid", "spec.components.pilot.k8s.overlays[0].kind",
            ])
    }

    @Test func laterFilesWin() throws {
        let input = try operatorInput([
            head
                + "  hub: a\n  values: {global: {network: x, meshID: y}}\n  components: {ingressGateways: [{name: a}, {name: b}]}\n",
            "kind: IstioOperator\nspec:\n  hub: b\n  values: {global: {network: z}}\n  components: {ingressGateways: [{name: c}]}\n",
        ])
        #expect(
            input.object.json["spec"] == [
                "hub": "b", "values": ["global": ["network": "z", "meshID": "y"]],
                "components": ["ingressGateways": [["name": "c"]]],
            ])
        #expect(input.object.key == ObjectKey(namespace: "istio-system", name: "mesh"))
    }

    /// Installs of one name replace each other, so two revisions must not share one.
    @Test(arguments: [
        (nil, "installed"), ("revision=default", "installed"), ("revision=canary", "installed-canary"),
        ("values.revision=canary", "installed-canary"),
    ])
    func namesWhatHasNoName(_ setting: String?, _ name: String) throws {
        let input = try OperatorInput([], try setting.map { [try Setting(parsing: $0)] } ?? [])
        #expect(input.object.key == ObjectKey(namespace: "istio-system", name: name))
    }

    @Test func forceGoesOnWithoutWhatIsWrong() throws {
        let input = try operatorInput([head + "  profile: minimal\n  hubb: a\n"])
        #expect(Rendering(input, kubernetesMinor: 30).manifests == nil)
        let forced = Rendering(input, kubernetesMinor: 30, isForced: true)
        #expect(forced.manifests?.manifests.isEmpty == false)
        #expect(
            forced.findings.map(\.description) == [
                "a.yaml:6:3: warning: IstioOperator istio-system/mesh: spec.hubb: unknown field \"hubb\"; did you mean "
                    + "\"hub\"?"
            ])
    }

    /// Of a list element that lacks a field the whole element is left out, and no other.
    @Test func forceLeavesOutWhatTheObjectsWouldGet() throws {
        let input = try operatorInput([
            head + """
                  profile: minimal
                  components:
                    pilot:
                      k8s:
                        hpaSpc: {}
                        replicaCount: "3"
                        env: [{nam: A, value: a}, {name: B, value: b}, {valu: c}, {name: D, value: [d]}]
                """
        ])
        let forced = Rendering(input, kubernetesMinor: 30, isForced: true)
        #expect(forced.findings.allSatisfy { $0.severity == .warning })
        let istiod = try #require(
            forced.manifests?.manifests.first { $0.reference.description == "Deployment istio-system/istiod" })
        let container = istiod.object.json["spec", "template", "spec", "containers"]?.array?.first
        let variables = container?["env"]?.array ?? []
        #expect(variables.contains(["name": "B", "value": "b"]))
        #expect(variables.contains(["name": "D"]))
        #expect(!variables.contains { $0["value"] == "a" || $0["value"] == "c" || $0["name"] == nil })
    }

    /// The renderer says it in terms of the values, the reader of what was written.
    @Test func saysNothingTwiceInTheTermsOfValues() throws {
        let input = try operatorInput([
            head + "  components: {pilot: {k8s: {hpaSpec: {minReplicas: 3, maxReplicas: 2}, replicaCount: -1}}}\n"
        ])
        let found = Rendering(input, kubernetesMinor: 30).findings.filter { $0.severity == .error }
        #expect(
            found.map { $0.message.prefix { $0 != ":" } } == [
                "spec.components.pilot.k8s.hpaSpec.minReplicas", "spec.components.pilot.k8s.replicaCount",
            ])
    }

    @Test func nothingIsTheDefaultProfile() throws {
        let rendering = Rendering(try OperatorInput([], []), kubernetesMinor: 30)
        let names = try #require(rendering.manifests).manifests.map(\.reference.description)
        #expect(rendering.findings == [])
        #expect(names.contains("Deployment istio-system/istiod"))
        #expect(names.contains("Deployment istio-system/istio-ingressgateway"))
        #expect(!names.contains("Deployment istio-system/istio-egressgateway"))
    }

    @Test func warnsAndRenders() throws {
        let input = try operatorInput([head + "  components:\n    pilot:\n      k8s: {replicaCount: 3}\n"])
        let rendering = Rendering(input, kubernetesMinor: 30)
        #expect(rendering.manifests != nil)
        #expect(rendering.findings.map(\.severity) == [.warning])
        #expect(rendering.findings.map(\.place?.description) == ["a.yaml:7:13"])
    }

    @Test func noticesFieldsBesideTheSpec() throws {
        let input = try operatorInput([head + "  profile: minimal\nspce: {}\n"])
        #expect(
            Rendering(input, kubernetesMinor: 30).findings.map(\.description) == [
                "a.yaml:6:1: error: IstioOperator istio-system/mesh: spce: unknown field \"spce\"; did you mean \"spec\"?"
            ])
    }

    @Test(arguments: [("1.30", 30), ("v1.29.4", 29), ("1.20", 20)])
    func readsVersions(_ text: String, _ minor: Int) throws {
        #expect(try kubernetesMinor(text) == minor)
    }

    @Test(arguments: ["1", "30", "2.30", "1.x", "", "1.-1"])
    func refusesVersions(_ text: String) {
        #expect(throws: InputFault.self) { try kubernetesMinor(text) }
    }
}
