import ControlPlane
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Testing

extension OwnClusterTests {
    @Suite struct ControlPlanePublisherTests {}
}

extension OwnClusterTests.ControlPlanePublisherTests {
    private static let ignored: Set<String> = ["kube-system", "kube-public", "kube-node-lease"]

    private func withPublisher(
        _ body: (ControlPlaneSite, ControlPlaneReplica, _ root: String) async throws -> Void
    ) async throws {
        try await ControlPlaneSite.with { site in
            try await site.withReplica("a") { replica in
                try await replica.waitUntilReady()
                let root = try #require(try await site.secretValue("istio-ca-secret", "ca-cert.pem"))
                try await site.waitForRoot(root, in: site.namespace)
                try await body(site, replica, root)
            }
            #expect(try await site.publisher == nil)
        }
    }

    @Test func everyNamespaceButKubernetesOwn() async throws {
        try await withPublisher { site, replica, root in
            let cluster = site.cluster
            try await cluster.withNamespace { new in
                try await site.waitForRoot(root, in: new)
            }
            let namespaces = try await cluster.client.list(.namespaces, reader: .decodable(PartialObject.self)).items
                .filter { $0.metadata.deletionTimestamp == nil }.map(\.metadata.name)
            #expect(Set(namespaces).isSuperset(of: Self.ignored.union(["default", site.namespace])))
            for namespace in namespaces where !Self.ignored.contains(namespace) {
                try await site.waitForRoot(root, in: namespace)
            }
            for namespace in Self.ignored {
                let key = ObjectKey(namespace: namespace, name: ControlPlaneSite.configMapName)
                #expect(try await cluster.client.find(.configMaps, key) == nil)
            }
            #expect(replica.log.complaints.isEmpty, "\(replica.log.complaints)")
        }
    }

    @Test func restoresWhatOthersChange() async throws {
        try await withPublisher { site, replica, root in
            let client = site.cluster.client
            try await site.cluster.withNamespace { namespace in
                try await site.waitForRoot(root, in: namespace)
                let key = ObjectKey(namespace: namespace, name: ControlPlaneSite.configMapName)
                let edits: [Patch] = [
                    .merge(["data": ["root-cert.pem": "somebody's"]]),
                    .merge(["data": nil]),
                    .merge(["metadata": ["labels": nil]]),
                    .merge(["metadata": ["labels": ["istio.io/config": "false"]]]),
                ]
                for edit in edits {
                    _ = try await client.patch(.configMaps, key, edit, fieldManager: "somebody")
                    try await site.waitForRoot(root, in: namespace)
                }
                _ = try await client.delete(.configMaps, key)
                try await site.waitForRoot(root, in: namespace)

                // What is not its own stays.
                _ = try await client.patch(
                    .configMaps, key,
                    .merge(["metadata": ["labels": ["team": "x"]], "data": ["root-cert.pem": "again"]]),
                    fieldManager: "somebody")
                try await site.waitForRoot(root, in: namespace)
                #expect(try await client.get(.configMaps, key).labels["team"] == "x")
            }
            #expect(replica.log.complaints.isEmpty, "\(replica.log.complaints)")
        }
    }

    /// Once all is published nothing is written any more.
    @Test func writesNothingWhenNothingChanges() async throws {
        try await withPublisher { site, _, root in
            let client = site.cluster.client
            try await site.cluster.withNamespace { namespace in
                try await site.waitForRoot(root, in: namespace)
                let key = ObjectKey(namespace: namespace, name: ControlPlaneSite.configMapName)
                let before = try await client.get(.configMaps, key).metadata.resourceVersion
                // A change of the namespace has it looked at; the next one's root shows that this was done.
                _ = try await client.patch(
                    .namespaces, ObjectKey(name: namespace), .merge(["metadata": ["labels": ["looked": "at"]]]),
                    fieldManager: "t")
                try await site.cluster.withNamespace { try await site.waitForRoot(root, in: $0) }
                #expect(try await client.get(.configMaps, key).metadata.resourceVersion == before)
            }
        }
    }

    /// A namespace that is being deleted, for however long, is left alone: no attempt, no complaint.
    @Test func namespacesThatGoAreLeftAlone() async throws {
        try await withPublisher { site, replica, root in
            let client = site.cluster.client
            var going: [String] = []
            for number in 0..<6 {
                let name = "\(site.namespace)-\(number)"
                _ = try await client.create(
                    .namespaces,
                    UnstructuredObject(["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]]),
                    fieldManager: "t")
                going.append(name)
            }
            for name in going { try await site.waitForRoot(root, in: name) }
            // The last one cannot go before its finalizer is taken off.
            let last = going[5]
            var held = configMap("held", in: last)
            held.json["metadata", "finalizers"] = ["tests.example.com/hold"]
            _ = try await client.create(.configMaps, held, fieldManager: "t")

            for name in going { _ = try await client.delete(.namespaces, ObjectKey(name: name)) }
            let root6 = ObjectKey(namespace: last, name: ControlPlaneSite.configMapName)
            try await client.wait(.configMaps, root6, "gone", within: .seconds(90)) { $0 == nil }
            for name in going.dropLast() {
                try await client.wait(.namespaces, ObjectKey(name: name), "gone", within: .seconds(90)) { $0 == nil }
            }
            // All of it has been looked at by now: this one came later.
            try await site.cluster.withNamespace { try await site.waitForRoot(root, in: $0) }
            #expect(try await client.find(.configMaps, root6) == nil)
            #expect(replica.log.complaints.isEmpty, "\(replica.log.complaints)")

            _ = try await client.patch(
                .configMaps, held.key, .merge(["metadata": ["finalizers": nil]]), fieldManager: "t")
            try await client.wait(.namespaces, ObjectKey(name: last), "gone", within: .seconds(90)) { $0 == nil }
            #expect(replica.controlPlane.isReady)
        }
    }
}
