import IstioAPI
import KubernetesModel
import ObjectPatching
import Testing

@testable import ManifestRenderer

@Suite struct StrategicMergeTests {
    private let pod = MergeSchema.of(kind: "Deployment")

    private func merged(_ base: JSONValue, _ patch: JSONValue) -> JSONValue? {
        let path = ["spec", "template", "spec"]
        var object: JSONValue = [:]
        object.set(base, at: path)
        var change: JSONValue = [:]
        change.set(patch, at: path)
        return object.strategicallyMerged(with: change, pod).value(at: path)
    }

    @Test func listsWithAKeyAreMergedByIt() {
        let base: JSONValue = [
            "containers": [
                ["name": "a", "env": [["name": "X", "value": "1"], ["name": "Y", "value": "2"]]], ["name": "b"],
            ]
        ]
        let patch: JSONValue = [
            "containers": [["name": "a", "env": [["name": "Y", "value": "3"], ["name": "Z", "value": "4"]]]]
        ]
        let env: JSONValue = [
            ["name": "X", "value": "1"], ["name": "Y", "value": "3"], ["name": "Z", "value": "4"],
        ]
        #expect(merged(base, patch) == ["containers": [["name": "a", "env": env], ["name": "b"]]])
    }

    @Test func otherListsAreReplaced() {
        let base: JSONValue = ["tolerations": [["key": "a"]], "nodeSelector": ["a": "1"]]
        let patch: JSONValue = ["tolerations": [["key": "b"]], "nodeSelector": ["b": "2"]]
        #expect(merged(base, patch) == ["tolerations": [["key": "b"]], "nodeSelector": ["a": "1", "b": "2"]])
    }

    @Test func nullRemoves() {
        #expect(merged(["a": 1, "b": ["c": 2, "d": 3]], ["a": nil, "b": ["c": nil]]) == ["b": ["d": 3]])
        #expect(merged([:], ["affinity": ["nodeAffinity": nil]]) == ["affinity": [:]])
    }

    @Test func directives() {
        let base: JSONValue = [
            "containers": [["name": "a"], ["name": "b", "image": "i"]], "nodeSelector": ["a": "1"],
        ]
        #expect(
            merged(base, ["containers": [["name": "a", "$patch": "delete"]], "nodeSelector": ["$patch": "replace"]])
                == ["containers": [["name": "b", "image": "i"]], "nodeSelector": [:]])
        #expect(
            merged(base, ["containers": [["$patch": "replace"], ["name": "c"]]])?["containers"] == [["name": "c"]])
        #expect(
            merged(base, ["$setElementOrder/containers": [["name": "b"], ["name": "a"]]])?["containers"]
                == [["name": "b", "image": "i"], ["name": "a"]])
        let object: JSONValue = ["metadata": ["finalizers": ["a", "b"]]]
        let patch: JSONValue = ["metadata": ["finalizers": ["c"], "$deleteFromPrimitiveList/finalizers": ["a"]]]
        #expect(object.strategicallyMerged(with: patch, pod) == ["metadata": ["finalizers": ["b", "c"]]])
    }

    /// The API server refuses two handlers, two sources and a rolling update of `Recreate`.
    @Test func alternativesGiveWay() {
        let probe: JSONValue = ["httpGet": ["path": "/ready", "port": 1], "periodSeconds": 3]
        let base: JSONValue = ["containers": [["name": "a", "readinessProbe": probe]]]
        let patch: JSONValue = ["containers": [["name": "a", "readinessProbe": ["tcpSocket": ["port": 2]]]]]
        #expect(
            merged(base, patch)
                == [
                    "containers": [
                        ["name": "a", "readinessProbe": ["tcpSocket": ["port": 2], "periodSeconds": 3]]
                    ]
                ])
        #expect(
            merged(
                ["volumes": [["name": "v", "emptyDir": ["medium": "Memory"]]]],
                ["volumes": [["name": "v", "secret": ["secretName": "s"]]]])
                == ["volumes": [["name": "v", "secret": ["secretName": "s"]]]])
        let rolling: JSONValue = ["spec": ["strategy": ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 1]]]]
        let recreate: JSONValue = ["spec": ["strategy": ["type": "Recreate"]]]
        #expect(rolling.strategicallyMerged(with: recreate, pod) == recreate)
    }
}

@Suite struct KubernetesOverrideTests {
    private func rendered(_ k8s: JSONValue, values: JSONValue? = nil) throws -> RenderedManifests {
        try render {
            var pilot = ComponentSpec()
            pilot.k8s = k8s
            $0.components.pilot = pilot
            $0.values = values
        }
    }

    @Test func maxUnavailablePutsMinAvailableAside() throws {
        let manifests = try rendered([
            "hpaSpec": ["minReplicas": 2], "podDisruptionBudget": ["maxUnavailable": 1],
        ])
        let spec = try manifests.object("PodDisruptionBudget", "istiod")["spec"]
        #expect(spec?["maxUnavailable"] == 1)
        #expect(spec?["minAvailable"] == nil)
        #expect(spec?["selector", "matchLabels", "istio"] == "pilot")
    }

    /// Specs of years ago have metrics in the shape of `v2beta1`.
    @Test func oldMetricsAreBroughtOver() throws {
        let metric: JSONValue = [
            "type": "Resource", "resource": ["name": "cpu", "targetAverageUtilization": 55],
        ]
        let spec = try rendered(["hpaSpec": ["maxReplicas": 7, "metrics": [metric]]])
            .object("HorizontalPodAutoscaler", "istiod")["spec"]
        #expect(spec?["maxReplicas"] == 7)
        let target: JSONValue = ["type": "Utilization", "averageUtilization": 55]
        #expect(spec?["metrics"] == [["type": "Resource", "resource": ["name": "cpu", "target": target]]])
    }

    @Test func autoscalerWithoutAutoscalingIsExplained() throws {
        let manifests = try rendered(["hpaSpec": ["maxReplicas": 7]], values: ["pilot": ["autoscaleEnabled": false]])
        #expect(!manifests.has("HorizontalPodAutoscaler", "istiod"))
        #expect(manifests.warnings.map(\.path) == ["spec.components.pilot.k8s.hpaSpec"])
    }

    @Test func volumesAndMountsAreAdded() throws {
        let manifests = try rendered([
            "volumes": [["name": "extra", "emptyDir": [:]]],
            "volumeMounts": [["name": "extra", "mountPath": "/extra"]],
        ])
        let spec = try manifests.object("Deployment", "istiod")["spec", "template", "spec"]
        #expect(spec?["volumes"]?.array?.contains { $0["name"] == "extra" } == true)
        let mounts = spec?["containers"]?.array?.first?["volumeMounts"]?.array
        #expect(mounts?.contains { $0["mountPath"] == "/extra" } == true)
        #expect(mounts?.contains { $0["mountPath"] == "/etc/cacerts" } == true)
    }

    @Test func unknownOverridesAreRefused() throws {
        let error = try #require(throws: RenderError.self) { try rendered(["hpaSpc": ["minReplicas": 2]]) }
        #expect(error.diagnostics.map(\.path) == ["spec.components.pilot.k8s.hpaSpc"])
        #expect(error.description.contains("did you mean hpaSpec?"))
    }
}

@Suite struct OverlayTests {
    private let object: JSONValue = [
        "spec": [
            "containers": [["name": "a", "args": ["--x=1", "--y=2"]], ["name": "b"]],
            "labels": ["app.kubernetes.io/name": "n"],
        ]
    ]

    private func patched(_ path: String, _ value: JSONValue?) throws(OverlayError) -> JSONValue {
        var object = object
        let path = try OverlayPath(parsing: path, isOfOverlay: true)
        try object.apply(overlayValue(value, at: path), at: path)
        return object
    }

    @Test func fieldsAreWrittenMadeAndRemoved() throws {
        #expect(try patched("spec.new.deep", 1)["spec", "new", "deep"] == 1)
        let written = try patched("spec.labels.app\\.kubernetes\\.io/name", "m")
        #expect(written["spec", "labels", "app.kubernetes.io/name"] == "m")
        #expect(try patched("spec.labels", nil)["spec", "labels"] == nil)
        #expect(try patched("spec.nothing.there", nil) == object)
    }

    @Test(arguments: ["spec.containers.[name:b].image", "spec.containers[name:b].image", "spec.containers.[1].image"])
    func elementsAreFound(_ path: String) throws {
        #expect(try patched(path, "i")["spec", "containers"]?.array?[1] == ["name": "b", "image": "i"])
    }

    @Test func elementsAreMatchedReplacedRemovedAndAppended() throws {
        func arguments(_ path: String, _ value: JSONValue?) throws -> JSONValue? {
            try patched("spec.containers.[name:a].args" + path, value)["spec", "containers"]?.array?.first?["args"]
        }
        #expect(try arguments(".[:--x=.*]", "--x=9") == ["--x=9", "--y=2"])
        // The way that Istio's documentation has it.
        #expect(try arguments(".[--y]", "--y=9") == ["--x=1", "--y=9"])
        #expect(try arguments(".[--x=1]", nil) == ["--y=2"])
        #expect(try arguments(".[0]", nil) == ["--y=2"])
        #expect(try arguments(".[7]", "--z") == ["--x=1", "--y=2", "--z"])
        #expect(try arguments("[-1]", "--z") == ["--x=1", "--y=2", "--z"])
        #expect(try arguments("", "--z") == ["--x=1", "--y=2", "--z"])
        #expect(try arguments("", ["--z"]) == ["--z"])
    }

    @Test func textsAreReadAsYAML() throws {
        #expect(try patched("spec.new", "{a: [1]}")["spec", "new"] == ["a": [1]])
        #expect(try patched("spec.new", "new:\n  a: 1\n")["spec", "new"] == ["a": 1])
        #expect(try patched("spec.new", "- a: 1\n")["spec", "new"] == [["a": 1]])
        #expect(try patched("spec.new", "just: [words")["spec", "new"] == "just: [words")
    }

    /// What is in quotes is meant as a text, and JSON is written for the programs that read it.
    @Test(arguments: ["8080", "true", "null", "http://a:80", "[::]:80", "[a, b]", "{\"a\": 1}", "{\n\"a\": 1\n}", ""])
    func otherTextsStay(_ text: String) throws {
        #expect(try patched("spec.new", .string(text))["spec", "new"] == .string(text))
    }

    @Test(arguments: [
        "metadata.annotations.a\\.b/c", "spec.labels.l", "data.mesh", "spec.containers[name:a].args[-1]",
        "spec.containers[name:a].args", "spec.containers[name:a].env[name:X].value", "spec.nodeSelector.disk",
    ])
    func whereOnlyTextIsTakenItIsText(_ path: String) throws {
        let path = try OverlayPath(parsing: path)
        for text in ["a: b\nc: d\n", "{a: 1}", "- x: y\n"] {
            #expect(overlayValue(.string(text), at: path) == .string(text))
        }
        #expect(overlayValue(5, at: path) == "5")
        #expect(overlayValue(true, at: path) == "true")
        #expect(overlayValue(["a"], at: path) == ["a"])
        #expect(overlayValue(nil, at: path) == nil)
    }

    @Test(arguments: ["spec.replicas", "spec.value", "spec.containers[0].ports[0].containerPort", "data"])
    func elsewhereNumbersStay(_ path: String) throws {
        #expect(overlayValue(5, at: try OverlayPath(parsing: path)) == 5)
    }

    @Test(arguments: [
        "", "spec.containers.[name:c].image", "spec.containers.[:nothing]", "spec.labels.[0]",
        "spec.containers.[name:a", "spec.containers.[what]", "spec.missing.[name:a].image", "spec.containers.image",
    ])
    func whatCannotBeDoneIsSaid(_ path: String) {
        #expect(throws: OverlayError.self) { try patched(path, "i") }
    }

    @Test func overlaysReachTheObjectsOfTheirComponent() throws {
        let patch: JSONValue = ["path": "data.extra", "value": "1"]
        let overlay: JSONValue = ["kind": "ConfigMap", "name": "istio", "patches": [patch]]
        let rendered = try render {
            var pilot = ComponentSpec()
            pilot.k8s = ["overlays": [overlay]]
            $0.components.pilot = pilot
        }
        #expect(try rendered.object("ConfigMap", "istio")["data", "extra"] == "1")
    }

    @Test func overlaysWithoutObjectAreRefused() throws {
        let overlay: JSONValue = ["kind": "Deployment", "name": "istiood", "patches": []]
        let error = try #require(throws: RenderError.self) {
            try render {
                var pilot = ComponentSpec()
                pilot.k8s = ["overlays": [overlay]]
                $0.components.pilot = pilot
            }
        }
        #expect(error.diagnostics.map(\.path) == ["spec.components.pilot.k8s.overlays[0]"])
        #expect(error.description.contains("did you mean Deployment istiod?"))
    }

    @Test(arguments: ["kind", "apiVersion", "metadata", "metadata.name"])
    func overlaysLeaveTheObjectItsName(_ path: String) throws {
        let overlay: JSONValue = ["kind": "Deployment", "name": "istiod", "patches": [["path": .string(path)]]]
        let error = try #require(throws: RenderError.self) {
            try render {
                var pilot = ComponentSpec()
                pilot.k8s = ["overlays": [overlay]]
                $0.components.pilot = pilot
            }
        }
        #expect(error.diagnostics.map(\.path) == ["spec.components.pilot.k8s.overlays[0].patches[0].path"])
    }

    /// A PodDisruptionBudget, say, is not rendered for a single replica.
    @Test func overlaysOfAnObjectThatIsNotRenderedAreToldWhichAre() throws {
        let overlay: JSONValue = ["kind": "PodDisruptionBudget", "name": "istiod", "patches": []]
        let error = try #require(throws: RenderError.self) {
            try render {
                var pilot = ComponentSpec()
                pilot.k8s = ["overlays": [overlay]]
                $0.components.pilot = pilot
            }
        }
        #expect(error.description.contains("of that name it renders "))
        #expect(error.description.contains("HorizontalPodAutoscaler"))
    }
}
