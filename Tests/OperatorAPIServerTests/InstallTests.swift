import IstioAPI
import KubernetesClient
import KubernetesModel
import KubernetesTesting
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
                #expect(Set(try await mesh.owned(by: "mesh").keys) == (try await mesh.expected("mesh", ["profile": "minimal"])))
                let events = try await mesh.events(about: "mesh")
                #expect(events.contains { $0.type == "Normal" && $0.reason == "Healthy" })
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
                let events = try await mesh.events(about: "mesh")
                #expect(events.contains { $0.reason == "ComponentsNotReady" && $0.message.contains(gateway) })
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
