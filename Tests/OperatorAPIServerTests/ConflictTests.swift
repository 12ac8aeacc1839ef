import IstioAPI
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Testing

extension OperatorTests {
    /// Two IstioOperators that want the same.
    @Suite struct ConflictTests {
        @Test func aRevisionBelongsToOne() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withInstalledOperator { mesh, _ in
                try await mesh.apply("first", ["profile": "minimal"])
                let first = try await mesh.until("first", .healthy)
                let before = try await mesh.footprint(of: "first")
                // Another namespace for its control plane: only the revision is the same.
                try await mesh.apply("second", ["profile": "minimal"])
                let second = try await mesh.until("second", .error)
                #expect(second.status.message.contains("spec.revision"))
                #expect(second.status.message.contains("IstioOperator \(mesh.namespace)/first"))
                #expect(second.status.conditions.map(\.type) == ["Ready", "Stalled"])
                #expect(second.status.conditions.map(\.reason) == ["Conflict", "Conflict"])
                #expect(second.metadata.finalizers == [])
                try await mesh.untilEvent(about: "second", "Warning", "Conflict", saying: ["\(mesh.namespace)/first"])
                #expect(try await mesh.footprint(of: "first") == before)
                let still = try await mesh.until("first", .healthy)
                #expect(still.status == first.status)

                try await mesh.delete("first")
                try await mesh.untilGone(.istioOperators, mesh.key("first"))
                try await mesh.until("second", .healthy)
                #expect(
                    Set(try await mesh.owned(by: "second").keys)
                        == (try await mesh.expected("second", ["profile": "minimal"])))
            }
        }

        /// What is installed stays, even if the IstioOperator that asks for it is the younger one.
        @Test func possessionComesBeforeAge() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withInstalledOperator { mesh, _ in
                try await mesh.apply("older", ["profile": "minimal", "revision": "a"])
                try await mesh.apply("younger", ["profile": "minimal", "revision": "b"])
                try await mesh.until("older", .healthy)
                try await mesh.until("younger", .healthy)
                let before = try await mesh.footprint(of: "younger")
                try await mesh.apply("older", ["profile": "minimal", "revision": "b"])
                let older = try await mesh.until("older", .error)
                #expect(older.status.message.contains("IstioOperator \(mesh.namespace)/younger"))
                #expect(try await mesh.footprint(of: "younger") == before)
                try await mesh.until("younger", .healthy)
                // Its own control plane runs on.
                #expect(try await mesh.client.find(.deployments, mesh.key("istiod-a")) != nil)
            }
        }

        @Test func aGatewayBelongsToOne() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withInstalledOperator { mesh, _ in
                try await mesh.apply("mesh", ["profile": "default"])
                try await mesh.until("mesh", .healthy)
                let before = try await mesh.footprint(of: "mesh")
                func gateway(_ name: String) -> JSONValue {
                    [
                        "profile": "empty",
                        "components": ["ingressGateways": [["name": .string(name), "enabled": true]]],
                    ]
                }
                try await mesh.apply("gateway", gateway("istio-ingressgateway"))
                let iop = try await mesh.until("gateway", .error)
                #expect(iop.status.message.contains("\(mesh.namespace)/istio-ingressgateway"))
                #expect(iop.status.message.contains("IstioOperator \(mesh.namespace)/mesh"))
                #expect(iop.status.conditions.map(\.reason) == ["Conflict", "Conflict"])
                #expect(try await mesh.footprint(of: "mesh") == before)

                try await mesh.apply("gateway", gateway("istio-other"))
                try await mesh.until("gateway", .healthy)
                #expect(try await mesh.footprint(of: "mesh") == before)
            }
        }
    }
}
