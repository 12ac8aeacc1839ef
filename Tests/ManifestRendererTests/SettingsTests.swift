import IstioAPI
import KubernetesModel
import ManifestRenderer
import Testing

@Suite struct SettingsTests {
    private func error(_ change: (inout IstioOperatorSpec) -> Void) throws -> [Diagnostic] {
        try #require(throws: RenderError.self) { try render(change) }.diagnostics
    }

    /// An autoscaler and a fixed number of replicas would undo each other's work for ever.
    @Test func replicasBelongToOneOfTwo() throws {
        var pilot = ComponentSpec()
        pilot.k8s = ["replicaCount": 3]
        let scaled = try render { $0.components.pilot = pilot }
        #expect(try scaled.object("Deployment", "istiod")["spec", "replicas"] == nil)
        #expect(scaled.warnings.map(\.path) == ["spec.components.pilot.k8s.replicaCount"])

        let fixed = try render {
            $0.components.pilot = pilot
            $0.values = ["pilot": ["autoscaleEnabled": false]]
        }
        #expect(try fixed.object("Deployment", "istiod")["spec", "replicas"] == 3)
        #expect(!fixed.has("HorizontalPodAutoscaler", "istiod"))
        #expect(fixed.warnings.isEmpty)
    }

    /// With one replica a budget of one blocks every drain of its node.
    @Test(arguments: [(1, false), (2, true), (5, true)])
    func budgetsNeedASecondReplica(_ minimum: Int64, _ expected: Bool) throws {
        let automatic = try render { $0.values = ["pilot": ["autoscaleMin": .integer(minimum)]] }
        #expect(automatic.has("PodDisruptionBudget", "istiod") == expected)
        let fixed = try render {
            $0.values = ["pilot": ["autoscaleEnabled": false, "replicaCount": .integer(minimum)]]
        }
        #expect(fixed.has("PodDisruptionBudget", "istiod") == expected)
        let off = try render {
            $0.values = [
                "pilot": ["autoscaleMin": .integer(minimum)],
                "global": ["defaultPodDisruptionBudget": ["enabled": false]],
            ]
        }
        #expect(!off.has("PodDisruptionBudget", "istiod"))
    }

    @Test func anIdleBudgetIsExplained() throws {
        var pilot = ComponentSpec()
        pilot.k8s = ["podDisruptionBudget": ["maxUnavailable": 1]]
        let rendered = try render { $0.components.pilot = pilot }
        #expect(!rendered.has("PodDisruptionBudget", "istiod"))
        #expect(rendered.warnings.map(\.path) == ["spec.components.pilot.k8s.podDisruptionBudget"])
    }

    @Test func aMinimumAboveTheMaximumIsRefused() throws {
        let diagnostics = try error { $0.values = ["pilot": ["autoscaleMin": 9]] }
        #expect(diagnostics.map(\.path) == ["spec.values.pilot.autoscaleMin"])
    }

    @Test func allMistakesAreToldAtOnce() throws {
        let diagnostics = try error {
            $0.unvalidatedValues = [
                "pilot": [
                    "autoscaleMin": "two", "env": ["A": [1]], "resources": "much", "taint": ["enabled": true],
                    "crlConfigMapName": "other",
                ],
                "global": ["networkPolicy": ["enabled": "yes"]], "apus": ["rbac": "all"],
            ]
        }
        #expect(
            diagnostics.map(\.path) == [
                "spec.values.apus.rbac", "spec.values.global.networkPolicy.enabled",
                "spec.values.pilot.autoscaleMin", "spec.values.pilot.crlConfigMapName", "spec.values.pilot.env",
                "spec.values.pilot.resources", "spec.values.pilot.taint.enabled",
            ])
    }

    /// Built-in, profile, fields of the spec, values, unvalidated values, the component's own.
    @Test func laterLayersWin() throws {
        func image(_ change: (inout IstioOperatorSpec) -> Void) throws -> JSONValue? {
            try render(change).object("Deployment", "istiod")["spec", "template", "spec", "containers"]?
                .array?.first?["image"]
        }
        #expect(try image { _ in } == .string("\(apusHub)/pilot:\(apusVersion)"))
        #expect(
            try image {
                $0.hub = "a.example/x"
                $0.tag = "1"
            } == "a.example/x/pilot:1")
        #expect(
            try image {
                $0.tag = "1"
                $0.values = ["global": ["tag": 2]]
            } == .string("\(apusHub)/pilot:2"))
        #expect(
            try image {
                $0.values = ["global": ["tag": "2"]]
                $0.unvalidatedValues = ["global": ["tag": "3"]]
            } == .string("\(apusHub)/pilot:3"))
        #expect(
            try image {
                $0.unvalidatedValues = ["global": ["tag": "3"]]
                var pilot = ComponentSpec()
                pilot.tag = "4"
                $0.components.pilot = pilot
            } == .string("\(apusHub)/pilot:4"))
        #expect(try image { $0.values = ["pilot": ["image": "b.example/p@sha256:0"]] } == "b.example/p@sha256:0")
    }

    /// This build's own control plane fits on small nodes; what a person asks for counts.
    @Test func requestsFollowTheImage() throws {
        func memory(_ change: (inout IstioOperatorSpec) -> Void) throws -> JSONValue? {
            try render(change).object("Deployment", "istiod")["spec", "template", "spec", "containers"]?
                .array?.first?["resources", "requests", "memory"]
        }
        #expect(try memory { _ in } == "128Mi")
        #expect(try memory { $0.hub = "docker.io/istio" } == "2048Mi")
        #expect(try memory { $0.values = ["pilot": ["resources": ["requests": ["memory": "7Mi"]]]] } == "7Mi")
    }

    @Test func valuesSwitchGatewaysOn() throws {
        let rendered = try render { $0.values = ["gateways": ["istio-egressgateway": ["enabled": true]]] }
        #expect(rendered.has("Deployment", "istio-egressgateway"))
        #expect(rendered.enabledComponents.contains(.egressGateways))
        let without = try render { $0.values = ["gateways": ["istio-ingressgateway": ["enabled": false]]] }
        #expect(!without.has("Deployment", "istio-ingressgateway"))
    }

    @Test func readerCanBeLeftOut() throws {
        let rendered = try render {
            $0.revision = "canary"
            $0.values = ["global": ["enableReaderRBAC": false]]
        }
        #expect(!rendered.manifests.contains { $0.object.name.contains("reader") })
    }

    @Test func namespaceIsSharedAndNeverInjected() throws {
        let rendered = try render { $0.namespace = "mesh" }
        let namespace = try #require(rendered.manifests.first)
        #expect(namespace.reference.description == "Namespace mesh")
        #expect(namespace.isShared)
        #expect(namespace.object.labels["istio.io/rev"] == nil)
        #expect(namespace.object.labels["install.operator.istio.io/owning-resource-not-pruned"] == "true")
        #expect(try !render { $0.namespace = "default" }.manifests.contains { $0.object.kind == "Namespace" })
        let withoutBase = try render {
            $0.profile = "empty"
            $0.components.pilot = ComponentSpec()
            $0.components.pilot?.enabled = true
        }
        #expect(withoutBase.manifests.first?.reference.description == "Namespace istio-system")
        #expect(!withoutBase.manifests.contains { $0.component == .base })
    }

    /// Two revisions in one namespace share only what says that it is shared.
    @Test func revisionsDoNotMeet() throws {
        let first = try render { $0.profile = "minimal" }
        let second = try render {
            $0.profile = "minimal"
            $0.revision = "canary"
        }
        let common = Set(first.manifests.map(\.reference)).intersection(second.manifests.map(\.reference))
        let shared = Set(first.manifests.filter(\.isShared).map(\.reference))
        #expect(common == shared)
        #expect(first.manifests.filter(\.isShared) == second.manifests.filter(\.isShared))

        let template = try second.object("Deployment", "istiod-canary")["spec", "template", "metadata", "labels"]
        let labels = (template?.object ?? [:]).compactMapValues(\.string)
        for (kind, name) in [("Deployment", "istiod"), ("Service", "istiod")] {
            let spec = try first.object(kind, name)["spec"]
            let selector = try #require(spec?["selector", "matchLabels"] ?? spec?["selector"])
            let selected = LabelSelector(matchLabels: (selector.object ?? [:]).compactMapValues(\.string))
            #expect(!selected.selects(labels), "\(kind) \(name) selects the Pods of the other revision")
        }
    }

    @Test func longOwnerNamesFitIntoLabels() throws {
        let name = String(repeating: "long.name-", count: 20) + "x"
        let owner = ObjectKey(namespace: "istio-system", name: name)
        let input = RenderInput(owner: owner, spec: IstioOperatorSpec(), facts: ClusterFacts(kubernetesMinor: 33))
        let labels = try manifests(for: input).manifests.flatMap { $0.object.labels.values }
        #expect(labels.allSatisfy { $0.utf8.count <= 63 })
        #expect(labelValue(for: name) != labelValue(for: name + "y"))
    }

    /// Webhook configurations wait for their server, refuse once they are there, and leave `caBundle` to it.
    @Test func webhooksAreGated() throws {
        let rendered = try render()
        let webhooks = rendered.manifests.filter { $0.object.kind.hasSuffix("WebhookConfiguration") }
        #expect(webhooks.count == 2)
        #expect(webhooks.allSatisfy { $0.gate == .webhookServer })
        #expect(rendered.manifests.filter { $0.gate != nil }.count == 2)
        for webhook in webhooks.flatMap({ $0.object.json["webhooks"]?.array ?? [] }) {
            #expect(webhook["failurePolicy"] == "Fail")
            #expect(webhook["clientConfig", "caBundle"] == nil)
            #expect(webhook["clientConfig", "service", "name"] == "istiod")
        }
    }

    /// No object holds a null or an empty name: server-side apply would take them as said.
    @Test func nothingIsNull() throws {
        func nulls(_ value: JSONValue, _ path: String) -> [String] {
            switch value {
            case .null: [path]
            case .array(let elements): elements.enumerated().flatMap { nulls($1, "\(path)[\($0)]") }
            case .object(let fields): fields.flatMap { nulls($1, "\(path).\($0)") }
            default: []
            }
        }
        let rendered = try render { $0.values = ["gateways": ["istio-egressgateway": ["enabled": true]]] }
        for manifest in rendered.manifests {
            #expect(nulls(manifest.object.json, "\(manifest.reference)") == [])
        }
    }

    @Test func componentsComeInOrder() throws {
        let rendered = try render { $0.values = ["gateways": ["istio-egressgateway": ["enabled": true]]] }
        let order = rendered.manifests.compactMap { Component.allCases.firstIndex(of: $0.component) }
        #expect(order == order.sorted())
        let kinds = rendered.manifests.filter { $0.component == .pilot }.map(\.object.kind)
        let account = try #require(kinds.firstIndex(of: "ServiceAccount"))
        let deployment = try #require(kinds.firstIndex(of: "Deployment"))
        #expect(account < deployment)
    }
}

@Suite struct StabilityTests {
    /// What restarts Pods: nothing but their own change. A renamed IstioOperator is none.
    @Test func podsDoNotDependOnTheirOwner() throws {
        func templates(_ owner: ObjectKey) throws -> [JSONValue?] {
            let facts = ClusterFacts(kubernetesMinor: 33)
            return try manifests(for: RenderInput(owner: owner, spec: IstioOperatorSpec(), facts: facts)).manifests
                .filter { $0.object.kind == "Deployment" }.map { $0.object.json["spec", "template"] }
        }
        let first = try templates(ObjectKey(namespace: "a", name: "one"))
        #expect(try first == templates(ObjectKey(namespace: "b", name: "two")))
        #expect(first.count == 2)
        for template in first {
            let labels = template?["metadata", "labels"]?.object ?? [:]
            #expect(!labels.values.contains(.string(apusVersion)))
        }
    }

    /// Before Kubernetes 1.21 server-side apply refuses ports without a protocol, whoever wrote them.
    @Test func everyPortHasAProtocol() throws {
        let rendered = try render {
            var pilot = ComponentSpec()
            pilot.k8s = [
                "service": ["ports": [["port": 1, "name": "a"]]],
                "overlays": [
                    [
                        "kind": "Deployment", "name": "istiod",
                        "patches": [
                            [
                                "path": "spec.template.spec.containers.[name:discovery].ports",
                                "value": ["containerPort": 1],
                            ]
                        ],
                    ]
                ],
            ]
            $0.components.pilot = pilot
        }
        let service = try rendered.object("Service", "istiod")["spec", "ports"]?.array ?? []
        let container =
            try rendered.object("Deployment", "istiod")["spec", "template", "spec", "containers"]?
            .array?.first?["ports"]?.array ?? []
        #expect(service.count == 5)
        #expect(container.count == 6)
        #expect((service + container).allSatisfy { $0["protocol"] == "TCP" })
    }
}
