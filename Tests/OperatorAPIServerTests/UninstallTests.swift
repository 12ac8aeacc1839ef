import IstioAPI
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import ManifestRenderer
import OperatorControllers
import Testing

extension OperatorTests {
    @Suite struct UninstallTests {
        /// `kubectl delete iop` takes everything away but definitions, the namespace and the mesh's root.
        @Test func deletingItRemovesEverythingElse() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withInstalledOperator { mesh, _ in
                try await mesh.apply("mesh", ["profile": "default"])
                try await mesh.until("mesh", .healthy)
                // What a control plane makes at run time.
                let secrets = ["istio-ca-secret", "cacerts", "others"]
                for name in secrets { try await mesh.create("v1", "Secret", mesh.key(name), .secrets) }
                let published: JSONValue = ["metadata": ["labels": ["istio.io/config": "true"]]]
                let here = mesh.key("istio-ca-root-cert")
                let elsewhere = ObjectKey(namespace: "default", name: "istio-ca-root-cert")
                let revoked = ["default", mesh.namespace].map { ObjectKey(namespace: $0, name: "istio-ca-crl") }
                for key in [here, elsewhere] + revoked {
                    try await mesh.create("v1", "ConfigMap", key, .configMaps, with: published)
                }
                let ownConfiguration = mesh.key("mine")
                try await mesh.create("v1", "ConfigMap", ownConfiguration, .configMaps, with: published)
                let leases = [
                    "istio-leader", "istio-status-leader", "istio-ip-autoallocate",
                    "istio-namespace-controller-election", "istio-remote-namespace-controller-election",
                    "istio-remote-webhook-controller-election",
                ].map(mesh.key)
                let others =
                    [
                        "istio-leader-of-mine", "istio-remote-webhook", "mine",
                        // Of names that cannot be granted.
                        "istio-namespace-controller-election-east", "istio-remote-webhook-controller-election-canary",
                    ].map(mesh.key)
                    + [ObjectKey(namespace: "default", name: "istio-leader")]
                for key in leases + others { try await mesh.create("coordination.k8s.io/v1", "Lease", key, .leases) }

                try await mesh.delete("mesh")
                try await mesh.untilGone(.istioOperators, mesh.key("mesh"))

                #expect(try await mesh.owned(by: "mesh").isEmpty)
                let managed = LabelSelector(expressions: [.exists("operator.istio.io/managed")])
                #expect(
                    Set(
                        try await mesh.objects(ListScope(labels: managed)).keys.filter {
                            !InstallPlan.isKept($0.groupKind)
                        })
                        == [])
                for key in [here, elsewhere] + revoked {
                    #expect(try await mesh.client.find(.configMaps, key) == nil, "\(key)")
                }
                for key in leases { #expect(try await mesh.client.find(.leases, key) == nil, "\(key)") }
                for key in others {
                    #expect(try await mesh.client.find(.leases, key) != nil, "\(key)")
                    _ = try await mesh.client.delete(.leases, key)
                }
                for name in secrets { #expect(try await mesh.client.find(.secrets, mesh.key(name)) != nil) }
                #expect(try await mesh.client.find(.configMaps, ownConfiguration) != nil)
                #expect(
                    try await mesh.client.find(.namespaces, ObjectKey(name: mesh.namespace))?.metadata
                        .deletionTimestamp == nil)
                #expect(
                    try await mesh.client.find(
                        .customResourceDefinitions, ObjectKey(name: "istiooperators.install.istio.io")) != nil)
                let farewell = try await mesh.events(about: "mesh").filter { $0.reason == "Uninstalled" }
                #expect(farewell.count == 1)
                for kept in ["CRDs", "namespace \(mesh.namespace)", "istio-ca-secret", "cacerts"] {
                    #expect(farewell.first?.message.contains(kept) == true)
                }
            }
        }

        /// What several meshes share stays as long as one of them does.
        @Test func anotherMeshIsNotTouched() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withInstalledOperator { mesh, _ in
                try await mesh.apply("first", ["profile": "minimal", "revision": "first"])
                try await mesh.apply("second", ["profile": "minimal", "revision": "second"])
                try await mesh.until("first", .healthy)
                try await mesh.until("second", .healthy)
                let before = try await mesh.footprint(of: "second")
                try await mesh.delete("first")
                try await mesh.untilGone(.istioOperators, mesh.key("first"))
                #expect(try await mesh.owned(by: "first").isEmpty)
                #expect(try await mesh.footprint(of: "second") == before)
                let reader = mesh.key("istio-reader-service-account")
                #expect(try await mesh.client.find(.serviceAccounts, reader) != nil)
            }
        }

        /// Installs by `apus install` have no IstioOperator in the cluster; their objects tell that they are there.
        @Test func anInstallWithoutIstioOperatorKeepsWhatItNeeds() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withInstalledOperator { mesh, _ in
                try await mesh.apply("mesh", ["profile": "minimal"])
                try await mesh.until("mesh", .healthy)
                let labels: JSONValue = [
                    "metadata": [
                        "labels": [
                            "install.operator.istio.io/owning-resource": "installed",
                            "install.operator.istio.io/owning-resource-namespace": .string(mesh.namespace),
                            "operator.istio.io/component": "Pilot",
                        ]
                    ]
                ]
                try await mesh.create("v1", "ServiceAccount", mesh.key("istiod-other"), .serviceAccounts, with: labels)
                let root = mesh.key("istio-ca-root-cert")
                let published: JSONValue = ["metadata": ["labels": ["istio.io/config": "true"]]]
                try await mesh.create("v1", "ConfigMap", root, .configMaps, with: published)

                try await mesh.delete("mesh")
                try await mesh.untilGone(.istioOperators, mesh.key("mesh"))

                #expect(try await mesh.owned(by: "mesh").isEmpty)
                let reader = mesh.key("istio-reader-service-account")
                #expect(try await mesh.client.find(.serviceAccounts, reader) != nil)
                #expect(try await mesh.client.find(.configMaps, root) != nil)
                // Nobody's any more: the next test starts with nothing.
                for name in ["istiod-other", reader.name] {
                    _ = try await mesh.client.delete(.serviceAccounts, mesh.key(name))
                }
            }
        }

        /// Deleted while it is being installed, however far that is.
        @Test func deletingItOnTheWayLeavesNothing() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withInstalledOperator { mesh, _ in
                let moments: [(APIResource, ObjectKey)] = [
                    (.serviceAccounts, mesh.key("istio-reader-service-account")), (.configMaps, mesh.key("istio")),
                    (.deployments, mesh.key("istiod")), (.services, mesh.key("istio-ingressgateway")),
                    (.deployments, mesh.key("istio-ingressgateway")),
                ]
                for (resource, key) in moments {
                    try await mesh.apply("mesh", ["profile": "default"])
                    try await mesh.cluster.eventually("the install got this far", resource, key) { $0 != nil }
                    try await mesh.delete("mesh")
                    try await mesh.untilGone(.istioOperators, mesh.key("mesh"))
                    #expect(Set(try await mesh.owned(by: "mesh").keys) == [], "deleted at \(resource) \(key)")
                    #expect(try await mesh.client.find(.serviceAccounts, moments[0].1) == nil)
                }
            }
        }

        /// One that was never installed has nothing to clean up and leaves no finalizer.
        @Test func deletingARejectedOneIsImmediate() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withInstalledOperator { mesh, _ in
                try await mesh.apply("mesh", ["profile": "nothing"])
                let iop = try await mesh.until("mesh", .error)
                #expect(iop.metadata.finalizers == [])
                try await mesh.delete("mesh")
                #expect(try await mesh.client.find(.istioOperators, mesh.key("mesh")) == nil)
            }
        }
    }
}

extension Mesh {
    fileprivate func create(
        _ apiVersion: String, _ kind: String, _ key: ObjectKey, _ resource: APIResource, with fields: JSONValue = [:]
    ) async throws {
        let object: JSONValue = [
            "apiVersion": .string(apiVersion), "kind": .string(kind),
            "metadata": ["name": .string(key.name), "namespace": .string(key.namespace)],
        ]
        _ = try await client.create(resource, UnstructuredObject(object.merging(fields)), fieldManager: "tests")
    }
}
