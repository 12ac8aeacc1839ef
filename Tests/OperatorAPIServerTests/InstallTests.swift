import IstioAPI
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import OperatorControllers
import Testing

extension OperatorTests {
    @Suite struct InstallTests {
        @Test func minimalBecomesHealthy() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withInstalledOperator { mesh, _ in
                try await mesh.apply("mesh", ["profile": "minimal"])
                let iop = try await mesh.until("mesh", .healthy)
                #expect(iop.status.message == "all components are ready")
                #expect(iop.status.observedGeneration == iop.metadata.generation)
                #expect(iop.status.componentStatus.mapValues(\.word) == ["Base": .healthy, "Pilot": .healthy])
                let conditions = Dictionary(uniqueKeysWithValues: iop.status.conditions.map { ($0.type, $0) })
                // The webhook server is not there yet, and nothing refuses Pods because of that.
                #expect(Set(conditions.keys) == ["Ready", "InjectionReady"])
                #expect(conditions["Ready"]?.status == .true)
                #expect(conditions["Ready"]?.observedGeneration == iop.metadata.generation)
                #expect(conditions["InjectionReady"]?.status == .false)
                #expect(conditions["InjectionReady"]?.message.contains("istio-sidecar-injector") == true)
                #expect(
                    Set(try await mesh.owned(by: "mesh").keys)
                        == (try await mesh.expected("mesh", ["profile": "minimal"])))
                // Told after the status.
                try await mesh.untilEvent(about: "mesh", "Normal", "Healthy", saying: [])
                let events = try await mesh.events(about: "mesh")
                #expect(!events.contains { $0.type == "Warning" })
                #expect(iop.metadata.finalizers == ["istio-finalizer.install.istio.io"])
            }
        }

        /// What `kubectl get iop` shows.
        @Test func showsRevisionStatusAndAge() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withInstalledOperator { mesh, _ in
                try await mesh.apply("mesh", ["profile": "minimal", "revision": "canary"])
                try await mesh.until("mesh", .healthy)
                let answer = try await mesh.client.raw(
                    path: APIResource.istioOperators.path(namespace: mesh.namespace, name: "mesh"),
                    accept: "application/json;as=Table;v=v1;g=meta.k8s.io")
                let table = try JSONValue(parsing: answer.bytes)
                #expect(
                    table["columnDefinitions"]?.array?.compactMap { $0["name"]?.string }
                        == ["Name", "Revision", "Status", "Age"])
                let cells = table["rows"]?.array?.first?["cells"]?.array ?? []
                #expect(cells.prefix(3) == ["mesh", "canary", "HEALTHY"])
            }
        }

        /// The default profile's gateway waits for its Pods: nobody runs them here.
        @Test func tellsWhatItWaitsFor() async throws {
            let operators = try await OperatorCluster.shared
            let controlPlane = LabelSelector(matchLabels: ["app": "istiod"])
            try await operators.withInstalledOperator(kubeletFor: controlPlane) { mesh, _ in
                try await mesh.apply("mesh", ["profile": "default"])
                let gateway = "Deployment \(mesh.namespace)/istio-ingressgateway"
                let iop = try await mesh.until("mesh", .reconciling, saying: "\(gateway): 0 of 1 replicas available")
                #expect(iop.status.message == "waiting for IngressGateways: \(gateway): 0 of 1 replicas available")
                #expect(
                    iop.status.componentStatus.mapValues(\.word)
                        == ["Base": .healthy, "Pilot": .healthy, "IngressGateways": .reconciling])
                #expect(iop.status.conditions.map(\.type) == ["Ready", "Reconciling"])
                #expect(iop.status.conditions.map(\.status) == [.false, .true])
                try await mesh.untilEvent(about: "mesh", "Normal", "ComponentsNotReady", saying: [gateway])
            }
        }

        /// An operator that may not do what it has to says so, and goes on once it may.
        @Test func aMissingRightIsTold() async throws {
            let operators = try await OperatorCluster.shared
            let role = ObjectKey(name: OperatorManifests.name)
            try await operators.withMesh { mesh in
                let rules = try #require(try await mesh.client.get(.clusterRoles, role).json["rules"]?.array)
                let fewer =
                    rules.filter { rule in
                        rule["resources"]?.array?.contains("services") != true
                    } + [["apiGroups": [""], "resources": ["services"], "verbs": ["get", "list", "watch", "patch"]]]
                func set(_ rules: [JSONValue]) async throws {
                    _ = try await mesh.client.patch(
                        .clusterRoles, role, .merge(["rules": .array(rules)]), fieldManager: "tests")
                }
                // A rule may name other kinds beside services: they keep what they need.
                try await set(fewer + rules.compactMap { $0.without(resource: "services") })
                let result: Result<Void, any Error>
                do {
                    try await operators.withOperator(mayBeRefused: true) { _ in
                        try await mesh.apply("mesh", ["profile": "minimal"])
                        let iop = try await mesh.until("mesh", .error, saying: "403 Forbidden")
                        #expect(iop.status.message.contains("services \(mesh.namespace)/istiod"))
                        #expect(iop.status.conditions.map(\.type) == ["Ready", "Reconciling"])
                        try await mesh.untilEvent(about: "mesh", "Warning", "ApplyFailed", saying: ["403 Forbidden"])
                        try await set(rules)
                        try await mesh.until("mesh", .healthy, within: .seconds(120))
                    }
                    result = .success(())
                } catch {
                    result = .failure(error)
                }
                try await set(rules)
                try result.get()
            }
        }

        /// What its author has taken out of the operator's hands is left alone.
        @Test func oneThatIsToBeIgnoredIsLeftAlone() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withMesh { mesh in
                var ignored = mesh.istioOperator("ignored", ["profile": "minimal"])
                ignored.json["metadata", "annotations"] = ["install.istio.io/ignoreReconcile": "true"]
                let before = try await mesh.client.create(.istioOperators, ignored, fieldManager: "kubectl")
                try await operators.withOperator(concurrency: 1) { _ in
                    // It takes one after the other: once this one is told off, the first one has had its turn.
                    try await mesh.apply("witness", ["profile": "nothing"])
                    try await mesh.until("witness", .error)
                    #expect(try await mesh.owned(by: "ignored").isEmpty)
                    #expect(try await mesh.client.get(.istioOperators, mesh.key("ignored")) == before)
                }
            }
        }

        /// Components wait for each other: no gateway is installed before its control plane is ready.
        @Test func gatewaysWaitForTheControlPlane() async throws {
            let operators = try await OperatorCluster.shared
            let nobody = LabelSelector(matchLabels: ["app": "nobody"])
            try await operators.withInstalledOperator(kubeletFor: nobody) { mesh, _ in
                try await mesh.apply("mesh", ["profile": "default"])
                let iop = try await mesh.until("mesh", .reconciling, saying: "0 of 1 replicas available")
                #expect(iop.status.componentStatus["Pilot"]?.word == .reconciling)
                #expect(iop.status.componentStatus["IngressGateways"]?.word == IstioOperatorStatus.Word.none)
                #expect(iop.status.componentStatus["IngressGateways"]?.error == "waits for Pilot")
                #expect(try await mesh.client.find(.deployments, mesh.key("istio-ingressgateway")) == nil)
            }
        }
    }
}

extension JSONValue {
    /// This RBAC rule for its other resources; nil if there are none, or if it does not name the resource.
    fileprivate func without(resource: String) -> JSONValue? {
        let resources = self["resources"]?.array ?? []
        let rest = resources.filter { $0.string != resource }
        guard rest.count < resources.count, !rest.isEmpty else { return nil }
        var rule = self
        rule["resources"] = .array(rest)
        return rule
    }
}
