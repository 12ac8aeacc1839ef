import IstioAPI
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import ManifestRenderer
import Testing

extension OperatorTests {
    /// What others change in an installed mesh.
    @Suite struct DriftTests {
        private static let repair = Duration.seconds(60)

        @Test func aDeletedObjectComesBack() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withInstalledOperator { mesh, _ in
                try await mesh.apply("mesh", ["profile": "minimal"])
                try await mesh.until("mesh", .healthy)
                let targets: [(APIResource, ObjectKey)] = [
                    (.deployments, mesh.key("istiod")), (.services, mesh.key("istiod")),
                    (.configMaps, mesh.key("istio")), (.serviceAccounts, mesh.key("istiod")),
                    (.roleBindings, mesh.key("istiod")),
                    (.clusterRoles, ObjectKey(name: "istiod-clusterrole-\(mesh.namespace)")),
                    (.podDisruptionBudgets("v1beta1"), mesh.key("istiod")),
                ]
                for (resource, key) in targets {
                    guard let before = try await mesh.client.find(resource, key) else { continue }
                    #expect(try await mesh.client.delete(resource, key))
                    try await mesh.cluster.eventually("it is back", resource, key, within: Self.repair) {
                        $0.map { $0.metadata.uid != before.metadata.uid } == true
                    }
                }
                try await mesh.until("mesh", .healthy)
                #expect(
                    Set(try await mesh.owned(by: "mesh").keys)
                        == (try await mesh.expected("mesh", ["profile": "minimal"])))
            }
        }

        /// One edit of an owned field, as by `kubectl edit`.
        struct Edit: Sendable, CustomTestStringConvertible {
            var what: String
            var resource: APIResource
            var name: @Sendable (Mesh) -> ObjectKey
            var patch: Patch

            var testDescription: String { what }
        }

        private static let edits: [Edit] = [
            Edit(
                what: "a container's arguments", resource: .deployments, name: { $0.key("istiod") },
                patch: .json([
                    ["op": "replace", "path": "/spec/template/spec/containers/0/args", "value": ["discovery"]]
                ])),
            Edit(
                what: "a container's image", resource: .deployments, name: { $0.key("istiod") },
                patch: .json([
                    ["op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "example.com/other:1"]
                ])),
            Edit(
                what: "a container's removal of a variable", resource: .deployments, name: { $0.key("istiod") },
                patch: .json([["op": "remove", "path": "/spec/template/spec/containers/0/env/10"]])),
            Edit(
                what: "a Service's port", resource: .services, name: { $0.key("istiod") },
                patch: .json([["op": "replace", "path": "/spec/ports/2/targetPort", "value": 9]])),
            Edit(
                what: "a Service's selector", resource: .services, name: { $0.key("istiod") },
                patch: .merge(["spec": ["selector": ["app": "other"]]])),
            Edit(
                what: "a label", resource: .configMaps, name: { $0.key("istio") },
                patch: .merge(["metadata": ["labels": ["istio.io/rev": "other"]]])),
            Edit(
                what: "a label's removal", resource: .configMaps, name: { $0.key("istio") },
                patch: .merge(["metadata": ["labels": ["operator.istio.io/component": nil]]])),
            Edit(
                what: "the owner's label", resource: .configMaps, name: { $0.key("istio") },
                patch: .merge([
                    "metadata": ["labels": ["install.operator.istio.io/owning-resource": nil]]
                ])),
            Edit(
                what: "the mesh configuration", resource: .configMaps, name: { $0.key("istio") },
                patch: .merge(["data": ["mesh": "trustDomain: other"]])),
            Edit(
                what: "a ClusterRole's rules", resource: .clusterRoles,
                name: { ObjectKey(name: "istiod-clusterrole-\($0.namespace)") },
                patch: .merge(["rules": []])),
            Edit(
                what: "a ClusterRoleBinding's subjects", resource: .clusterRoleBindings,
                name: { ObjectKey(name: "istiod-clusterrole-\($0.namespace)") }, patch: .merge(["subjects": []])),
        ]

        @Test func anEditOfAnOwnedFieldIsUndone() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withInstalledOperator { mesh, _ in
                try await mesh.apply("mesh", ["profile": "minimal"])
                try await mesh.until("mesh", .healthy)
                for edit in Self.edits {
                    let key = edit.name(mesh)
                    let before = try await mesh.client.get(edit.resource, key).owningNothing
                    let edited = try await mesh.client.patch(
                        edit.resource, key, edit.patch, fieldManager: "kubectl-edit")
                    #expect(edited.owningNothing != before, "\(edit.what): the edit must change something")
                    try await mesh.cluster.eventually(
                        "\(edit.what) as before", edit.resource, key, within: Self.repair
                    ) { $0?.owningNothing == before }
                }
                try await mesh.until("mesh", .healthy)
            }
        }

        /// An edit that no apply can be laid over must not make the next spec look refused.
        @Test func anEditAndANewSpecWhileNobodyWatches() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withMesh { mesh in
                try await operators.withOperator { _ in
                    try await mesh.apply("mesh", ["profile": "minimal"])
                    try await mesh.until("mesh", .healthy)
                }
                let before = try await mesh.client.get(.services, mesh.key("istiod")).json["spec", "ports"]?.array
                _ = try await mesh.client.patch(
                    .services, mesh.key("istiod"),
                    .json([["op": "replace", "path": "/spec/ports/0/port", "value": 19999]]),
                    fieldManager: "kubectl-edit")
                let spec: JSONValue = ["profile": "minimal", "values": ["pilot": ["env": ["NEW": "yes"]]]]
                try await mesh.apply("mesh", spec)
                try await operators.withOperator { _ in
                    try await mesh.until("mesh", .healthy)
                    let after = try await mesh.client.get(.services, mesh.key("istiod")).json["spec", "ports"]?.array
                    #expect(try Set(#require(after)) == Set(#require(before)))
                }
            }
        }

        /// What a person adds beside our fields is theirs.
        @Test func foreignFieldsAreLeftAlone() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withInstalledOperator { mesh, _ in
                try await mesh.apply("mesh", ["profile": "minimal"])
                try await mesh.until("mesh", .healthy)
                let additions: JSONValue = [
                    "metadata": ["labels": ["team": "mesh"], "annotations": ["example.com/note": "mine"]]
                ]
                for (resource, name) in [(APIResource.deployments, "istiod"), (.configMaps, "istio")] {
                    _ = try await mesh.client.patch(
                        resource, mesh.key(name), .merge(additions), fieldManager: "kubectl-label")
                }
                // A later repair of the same objects does not take them away.
                _ = try await mesh.client.patch(
                    .configMaps, mesh.key("istio"), .merge(["data": ["mesh": "x: y"]]), fieldManager: "kubectl-edit")
                let repaired = try await mesh.cluster.eventually(
                    "the mesh configuration is back", .configMaps, mesh.key("istio"), within: Self.repair
                ) { $0?.json["data", "mesh"] != "x: y" }
                _ = try await mesh.client.patch(
                    .deployments, mesh.key("istiod"), .merge(["spec": ["minReadySeconds": 1]]),
                    fieldManager: "kubectl-edit")
                try await mesh.apply("mesh", ["profile": "minimal", "meshConfig": ["accessLogFile": "/dev/stdout"]])
                try await mesh.until("mesh", .healthy)
                let deployment = try await mesh.client.get(.deployments, mesh.key("istiod"))
                #expect(deployment.json["spec", "minReadySeconds"] == 1)
                for object in [repaired, deployment] {
                    #expect(object?.labels["team"] == "mesh")
                    #expect(object?.metadata.annotations["example.com/note"] == "mine")
                }
            }
        }

        /// Another profile: what is no longer asked for goes, all else stays as it was.
        @Test func aSmallerProfilePrunes() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withInstalledOperator { mesh, _ in
                try await mesh.apply("mesh", ["profile": "default"])
                try await mesh.until("mesh", .healthy)
                let bystander = try await mesh.client.create(
                    .configMaps,
                    UnstructuredObject([
                        "apiVersion": "v1", "kind": "ConfigMap",
                        "metadata": ["name": "istio-ingressgateway", "namespace": .string(mesh.namespace)],
                    ]), fieldManager: "kubectl")
                let before = try await mesh.footprint(of: "mesh")
                try await mesh.apply("mesh", ["profile": "minimal"])
                try await mesh.until("mesh", .healthy)
                let expected = try await mesh.expected("mesh", ["profile": "minimal"])
                let after = try await mesh.footprint(of: "mesh")
                #expect(Set(after.keys) == expected)
                let pruned = Set(before.keys).subtracting(after.keys)
                #expect(!pruned.isEmpty && pruned.allSatisfy { $0.key.name.hasPrefix("istio-ingressgateway") })
                // Only what tells of the values themselves changed.
                let changed = after.filter { before[$0.key] != $0.value }.keys
                #expect(changed.allSatisfy { $0.groupKind.kind == "ConfigMap" }, "\(changed)")
                #expect(try await mesh.client.find(.configMaps, bystander.key)?.metadata.uid == bystander.metadata.uid)
            }
        }
    }
}

extension UnstructuredObject {
    /// Without what every write changes: who owns which field, versions, status.
    var owningNothing: JSONValue {
        var json = json
        json["status"] = nil
        for field in ["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"] {
            json["metadata", field] = nil
        }
        json["metadata", "annotations", "deployment.kubernetes.io/revision"] = nil
        return json
    }
}
