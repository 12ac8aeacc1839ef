import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Testing

@Suite(.realAPIServer) struct KubernetesClientWriteTests {
    @Test func createReadReplaceDelete() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await cluster.withNamespace { namespace in
            let key = ObjectKey(namespace: namespace, name: "a")
            let made = try await client.create(
                .configMaps, configMap("a", in: namespace, ["x": "1"]), fieldManager: "t")
            #expect(made.metadata.uid.isEmpty == false)

            let again = await #expect(throws: APIError.self) {
                try await client.create(.configMaps, configMap("a", in: namespace), fieldManager: "t")
            }
            #expect(again?.isAlreadyExists == true)

            let read = try await client.get(PartialObject.self, .configMaps, key)
            #expect(read.metadata.key == key)
            #expect(read.metadata.uid == made.metadata.uid)

            var changed = made
            changed.json["data", "x"] = "2"
            let replaced = try await client.update(.configMaps, changed, fieldManager: "t")
            #expect(replaced.json["data", "x"] == "2")
            let stale = await #expect(throws: APIError.self) {
                try await client.update(.configMaps, changed, fieldManager: "t")
            }
            #expect(stale?.isConflict == true)

            #expect(try await client.delete(.configMaps, key))
            #expect(try await client.delete(.configMaps, key) == false)
            #expect(try await client.find(.configMaps, key) == nil)
            let gone = await #expect(throws: APIError.self) { try await client.get(.configMaps, key) }
            #expect(gone?.isNotFound == true)
            #expect(
                gone?.description == "GET configmaps \(namespace)/a: the API server answered 404 NotFound: "
                    + "configmaps \"a\" not found")
        }
    }

    @Test func everyKindOfPatch() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await cluster.withNamespace { namespace in
            let key = ObjectKey(namespace: namespace, name: "a")
            _ = try await client.create(
                .configMaps, configMap("a", in: namespace, ["keep": "1", "drop": "2"]), fieldManager: "t")
            let merged = try await client.patch(
                .configMaps, key, .merge(["data": ["drop": nil, "add": "3"]]), fieldManager: "t")
            #expect(merged.json["data"] == ["keep": "1", "add": "3"])

            let edited = try await client.patch(
                .configMaps, key,
                .json([
                    ["op": "test", "path": "/data/keep", "value": "1"],
                    ["op": "replace", "path": "/data/keep", "value": "9"],
                ]), fieldManager: "t")
            #expect(edited.json["data", "keep"] == "9")
            let refused = await #expect(throws: APIError.self) {
                try await client.patch(
                    .configMaps, key, .json([["op": "test", "path": "/data/keep", "value": "1"]]), fieldManager: "t")
            }
            #expect(refused?.isInvalid == true)

            _ = try await client.create(.deployments, deployment("d", in: namespace, replicas: 0), fieldManager: "t")
            let strategic = try await client.patch(
                .deployments, ObjectKey(namespace: namespace, name: "d"),
                .strategicMerge([
                    "spec": ["template": ["spec": ["containers": [["name": "second", "image": "example.com/b:1"]]]]]
                ]), fieldManager: "t")
            let containers = strategic.json["spec", "template", "spec", "containers"]?.array ?? []
            #expect(Set(containers.compactMap { $0["name"]?.string }) == ["main", "second"])
        }
    }

    @Test func applyCreatesOwnsAndGivesUpFields() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await cluster.withNamespace { namespace in
            let first = configMap("a", in: namespace, ["x": "1", "y": "2"])
            let applied = try await client.apply(.configMaps, first, fieldManager: "apus", force: true)
            let owned = try #require(FieldOwnership.applied(by: "apus", in: applied))
            #expect(Set(owned.0.fields["data"]?.fields.keys ?? [:].keys) == ["x", "y"])

            let second = configMap("a", in: namespace, ["x": "1"])
            let reduced = try await client.apply(.configMaps, second, fieldManager: "apus", force: true)
            #expect(reduced.json["data"] == ["x": "1"])

            let same = try await client.apply(.configMaps, second, fieldManager: "apus", force: true)
            #expect(same.metadata.resourceVersion == reduced.metadata.resourceVersion)
        }
    }

    @Test func aConflictOfManagersNamesTheFieldsAndTheirOwners() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await cluster.withNamespace { namespace in
            let key = ObjectKey(namespace: namespace, name: "d")
            _ = try await client.apply(
                .deployments, deployment("d", in: namespace, replicas: 1), fieldManager: "apus", force: false)
            _ = try await client.apply(
                .deployments,
                UnstructuredObject([
                    "apiVersion": "apps/v1", "kind": "Deployment",
                    "metadata": ["name": "d", "namespace": .string(namespace)], "spec": ["replicas": 3],
                ]), fieldManager: "autoscaler", force: true)

            let conflict = await #expect(throws: ApplyConflict.self) {
                try await client.apply(
                    .deployments, deployment("d", in: namespace, replicas: 1), fieldManager: "apus", force: false)
            }
            #expect(
                conflict
                    == ApplyConflict(
                        kind: "Deployment", object: key, manager: "apus", owners: [".spec.replicas": "autoscaler"]))

            let forced = try await client.apply(
                .deployments, deployment("d", in: namespace, replicas: 2), fieldManager: "apus", force: true)
            #expect(forced.json["spec", "replicas"] == 2)
        }
    }

    @Test func aDryRunChecksAndStoresNothing() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await cluster.withNamespace { namespace in
            let key = ObjectKey(namespace: namespace, name: "a")
            let object = configMap("a", in: namespace, ["x": "1"])
            _ = try await client.create(.configMaps, object, fieldManager: "t", dryRun: true)
            _ = try await client.apply(.configMaps, object, fieldManager: "t", force: true, dryRun: true)
            #expect(try await client.find(.configMaps, key) == nil)

            _ = try await client.create(.configMaps, object, fieldManager: "t")
            let patched = try await client.patch(
                .configMaps, key, .merge(["data": ["x": "2"]]), fieldManager: "t", dryRun: true)
            #expect(patched.json["data", "x"] == "2")
            #expect(try await client.delete(.configMaps, key, dryRun: true))
            #expect(try await client.get(.configMaps, key).json["data", "x"] == "1")
        }
    }

    @Test func deleteHoldsItsPreconditions() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await cluster.withNamespace { namespace in
            let key = ObjectKey(namespace: namespace, name: "a")
            let made = try await client.create(.configMaps, configMap("a", in: namespace), fieldManager: "t")
            let wrong = Preconditions(uid: "00000000-0000-0000-0000-000000000000")
            let refused = await #expect(throws: APIError.self) {
                try await client.delete(.configMaps, key, preconditions: wrong)
            }
            #expect(refused?.isConflict == true)
            #expect(try await client.find(.configMaps, key) != nil)
            #expect(
                try await client.delete(.configMaps, key, preconditions: Preconditions(uid: made.metadata.uid)))
        }
    }

    @Test func subresources() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await cluster.withNamespace { namespace in
            let key = ObjectKey(namespace: namespace, name: "d")
            _ = try await client.create(.deployments, deployment("d", in: namespace, replicas: 0), fieldManager: "t")
            #expect(try await client.scale(.deployments, key) == 0)
            #expect(try await client.setScale(.deployments, key, replicas: 4, fieldManager: "t") == 4)
            #expect(try await client.scale(.deployments, key) == 4)

            // A status goes through its subresource alone.
            let conditions: JSONValue = [
                ["type": "Progressing", "status": "True", "reason": "Testing", "message": "by a test"]
            ]
            let status = UnstructuredObject([
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": ["name": "d", "namespace": .string(namespace)], "status": ["conditions": conditions],
            ])
            let applied = try await client.apply(
                .deployments, status, fieldManager: "status", force: true, subresource: "status")
            let reasons = (applied.json["status", "conditions"]?.array ?? []).compactMap { $0["reason"]?.string }
            #expect(reasons.contains("Testing"))
            #expect(applied.json["spec", "replicas"] == 4)
        }
    }

    @Test func evictionOfAPodThatIsNotThere() async throws {
        let cluster = try await TestCluster.shared
        try await cluster.withNamespace { namespace in
            let verdict = try await cluster.client.evict(pod: ObjectKey(namespace: namespace, name: "gone"))
            #expect(verdict == .notFound)
        }
    }

    /// Pods can be made without a node; a PDB that allows nothing stops their eviction, with the server's reason.
    @Test func aDisruptionBudgetRefusesAnEviction() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        let api = try await client.discover()
        let budgets = try #require(api.preferred("policy", "PodDisruptionBudget", among: ["v1", "v1beta1"]))
        try await cluster.withNamespace { namespace in
            let key = ObjectKey(namespace: namespace, name: "p")
            _ = try await client.create(
                .pods,
                UnstructuredObject([
                    "apiVersion": "v1", "kind": "Pod",
                    "metadata": ["name": "p", "namespace": .string(namespace), "labels": ["app": "p"]],
                    "spec": [
                        "containers": [["name": "main", "image": "example.com/main:1"]],
                        "automountServiceAccountToken": false,
                    ],
                ]), fieldManager: "t")
            // Only a Pod that runs is protected.
            _ = try await client.patch(
                .pods, key,
                .merge([
                    "status": ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]]
                ]), fieldManager: "t", subresource: "status")
            _ = try await client.create(
                budgets,
                UnstructuredObject([
                    "apiVersion": .string(budgets.apiVersion), "kind": "PodDisruptionBudget",
                    "metadata": ["name": "p", "namespace": .string(namespace)],
                    "spec": ["minAvailable": 1, "selector": ["matchLabels": ["app": "p"]]],
                ]), fieldManager: "t")
            let verdict = try await client.evict(pod: key)
            guard case .refused(let message, _) = verdict else {
                Issue.record("\(verdict)")
                return
            }
            #expect(message.contains("disruption budget"))
            #expect(try await client.delete(.pods, key, gracePeriodSeconds: 0))
        }
    }
}
