import ControllerRuntime
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Testing

@Suite(.realAPIServer, .timeLimit(.minutes(10))) struct ControllerRuntimeApplierTests {
    @Test func createsChangesAndLeavesAlone() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await cluster.withNamespace { namespace in
            let applier = Applier(client: client, manager: "tests-applier")
            let key = ObjectKey(namespace: namespace, name: "a")
            let desired = configMap("a", in: namespace, ["x": "1", "y": "1"], labels: ["l": "1"])
            let (created, first) = try await applier.apply(desired, as: .configMaps)
            #expect(created == .created)
            #expect(first.json["data", "x"] == "1")

            let (again, second) = try await applier.apply(desired, as: .configMaps)
            #expect(again == .unchanged)
            #expect(second.metadata.resourceVersion == first.metadata.resourceVersion)

            // A field that is no longer desired goes away.
            let (changed, third) = try await applier.apply(
                configMap("a", in: namespace, ["x": "2"], labels: ["l": "1"]), as: .configMaps)
            #expect(changed == .changed)
            #expect(third.json["data"] == ["x": "2"])
            let live = try await client.get(.configMaps, key)
            #expect(live.json["data"] == ["x": "2"])
            #expect(live.metadata.resourceVersion == third.metadata.resourceVersion)
        }
    }

    /// Whoever may only read can apply what is there already: nothing is sent that writes.
    @Test func unchangedNeedsNoRightToWrite() async throws {
        let cluster = try await TestCluster.shared
        try await cluster.withNamespace { namespace in
            let desired = [
                (configMap("a", in: namespace, ["x": "1"]), APIResource.configMaps),
                (deployment("d", in: namespace, replicas: 0), APIResource.deployments),
            ]
            for (object, resource) in desired {
                _ = try await Applier(client: cluster.client, manager: "tests-applier").apply(object, as: resource)
            }
            try await grant(
                [
                    AccessRule(apiGroups: [""], resources: ["configmaps"], verbs: ["get"]),
                    AccessRule(apiGroups: ["apps"], resources: ["deployments"], verbs: ["get"]),
                ], to: "reader", in: namespace, cluster.client)
            var configuration = cluster.configuration
            configuration.impersonation = Impersonation(user: "reader")
            try await cluster.withClient(configuration) { reader in
                try await waitUntilAllowed("get", "configmaps", in: namespace, reader)
                let applier = Applier(client: reader, manager: "tests-applier")
                for (object, resource) in desired {
                    #expect(try await applier.apply(object, as: resource).0 == .unchanged)
                }
                let other = configMap("a", in: namespace, ["x": "2"])
                let error = await #expect(throws: APIError.self) {
                    try await applier.apply(other, as: .configMaps)
                }
                #expect(error?.isForbidden == true)
            }
        }
    }

    @Test func takesFieldsOverFromOthers() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await cluster.withNamespace { namespace in
            let applier = Applier(client: client, manager: "tests-applier")
            let key = ObjectKey(namespace: namespace, name: "a")
            let desired = configMap("a", in: namespace, ["x": "1"])
            _ = try await applier.apply(desired, as: .configMaps)

            _ = try await client.patch(
                .configMaps, key, .merge(["data": ["x": "theirs", "z": "theirs"]]), fieldManager: "somebody")
            let (outcome, repaired) = try await applier.apply(desired, as: .configMaps)
            #expect(outcome == .changed)
            #expect(repaired.json["data"] == ["x": "1", "z": "theirs"])

            _ = try await client.apply(
                .configMaps, configMap("a", in: namespace, ["x": "2"]), fieldManager: "another", force: true)
            #expect(try await applier.apply(desired, as: .configMaps).0 == .changed)
            #expect(try await client.get(.configMaps, key).json["data", "x"] == "1")

            // The same value by another's hand is not ours yet.
            let adopted = configMap("b", in: namespace, ["x": "1"])
            _ = try await client.create(.configMaps, adopted, fieldManager: "somebody")
            #expect(try await applier.apply(adopted, as: .configMaps).0 == .changed)
            #expect(try await applier.apply(adopted, as: .configMaps).0 == .unchanged)
        }
    }

    /// An autoscaler is to have the number of replicas from now on: until it has, the number does not fall to 1.
    @Test func replicasThatAreGivenUpStay() async throws {
        let cluster = try await TestCluster.shared
        try await cluster.withNamespace { namespace in
            let applier = Applier(client: cluster.client, manager: "tests-applier")
            _ = try await applier.apply(deployment("d", in: namespace, replicas: 3), as: .deployments)
            let without = deployment("d", in: namespace)
            let (outcome, object) = try await applier.apply(without, as: .deployments)
            #expect(outcome == .changed)
            #expect(object.json["spec", "replicas"] == 3)

            let scale: Patch = .merge(["spec": ["replicas": 5]])
            _ = try await cluster.client.patch(.deployments, without.key, scale, fieldManager: "autoscaler")
            let (again, scaled) = try await applier.apply(without, as: .deployments)
            #expect(again == .unchanged)
            #expect(scaled.json["spec", "replicas"] == 5)
        }
    }

    @Test func anObjectThatIsKnownToBeNew() async throws {
        let cluster = try await TestCluster.shared
        try await cluster.withNamespace { namespace in
            let applier = Applier(client: cluster.client, manager: "tests-applier")
            let (outcome, object) = try await applier.apply(
                configMap("a", in: namespace, ["x": "1"]), as: .configMaps, isNew: true)
            #expect(outcome == .created)
            #expect(object.json["data", "x"] == "1")
        }
    }
}

@Suite(.realAPIServer, .timeLimit(.minutes(10))) struct ControllerRuntimeFinalizerTests {
    @Test func addsAndRemoves() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await cluster.withNamespace { namespace in
            let finalizer = Finalizer(
                name: "tests.example.com/hold", client: client, resource: .configMaps, manager: "t")
            let key = ObjectKey(namespace: namespace, name: "a")
            var object = configMap("a", in: namespace)
            object.json["metadata", "finalizers"] = ["tests.example.com/other"]
            let created = try await client.create(.configMaps, object, fieldManager: "t")

            try await finalizer.add(to: created.metadata)
            let held = try await client.get(.configMaps, key).metadata
            #expect(held.finalizers == ["tests.example.com/other", "tests.example.com/hold"])
            try await finalizer.add(to: held)
            #expect(try await client.get(.configMaps, key).metadata.resourceVersion == held.resourceVersion)

            // Deleting waits for both; nothing is added to what is being deleted.
            _ = try await client.delete(.configMaps, key)
            let waiting = try await client.get(.configMaps, key).metadata
            #expect(waiting.deletionTimestamp != nil)
            try await Finalizer(name: "tests.example.com/late", client: client, resource: .configMaps, manager: "t")
                .add(to: waiting)
            try await finalizer.remove(from: waiting)
            let last = try await client.get(.configMaps, key).metadata
            #expect(last.finalizers == ["tests.example.com/other"])
            try await finalizer.remove(from: last)
            #expect(try await client.get(.configMaps, key).metadata.resourceVersion == last.resourceVersion)

            try await Finalizer(name: "tests.example.com/other", client: client, resource: .configMaps, manager: "t")
                .remove(from: last)
            #expect(try await client.find(.configMaps, key) == nil)
            try await finalizer.remove(from: waiting)  // as seen before it went: no error
        }
    }

    /// Two who change the list at once: the second must look again, or it would undo the first's change.
    @Test func aConcurrentChangeIsAConflict() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await cluster.withNamespace { namespace in
            let key = ObjectKey(namespace: namespace, name: "a")
            let mine = Finalizer(name: "tests.example.com/a", client: client, resource: .configMaps, manager: "t")
            let theirs = Finalizer(name: "tests.example.com/b", client: client, resource: .configMaps, manager: "t")
            let seen = try await client.create(.configMaps, configMap("a", in: namespace), fieldManager: "t").metadata
            try await theirs.add(to: seen)
            let adding = await #expect(throws: APIError.self) { try await mine.add(to: seen) }
            #expect(adding?.isConflict == true)
            let now = try await client.get(.configMaps, key).metadata
            #expect(now.finalizers == ["tests.example.com/b"])

            try await mine.add(to: now)
            let both = try await client.get(.configMaps, key).metadata
            try await mine.remove(from: both)
            let removing = await #expect(throws: APIError.self) { try await theirs.remove(from: both) }
            #expect(removing?.isConflict == true)
            let left = try await client.get(.configMaps, key).metadata
            #expect(left.finalizers == ["tests.example.com/b"])
            try await theirs.remove(from: left)
        }
    }
}

/// Gives a user rights in a namespace.
func grant(
    _ rules: [AccessRule], to user: String, in namespace: String, _ client: KubernetesClient
) async throws {
    _ = try await client.create(
        .roles,
        UnstructuredObject([
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
            "metadata": ["name": .string(user), "namespace": .string(namespace)],
            "rules": .array(rules.map(\.json)),
        ]), fieldManager: "t")
    _ = try await client.create(
        .roleBindings,
        UnstructuredObject([
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": ["name": .string(user), "namespace": .string(namespace)],
            "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": .string(user)],
            "subjects": [["apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": .string(user)]],
        ]), fieldManager: "t")
}

/// Asks the server until it has heard of a right that was given.
func waitUntilAllowed(
    _ verb: String, _ resource: String, group: String = "", in namespace: String = "", _ client: KubernetesClient
) async throws {
    let review: JSONValue = [
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": [
            "resourceAttributes": [
                "verb": .string(verb), "resource": .string(resource), "group": .string(group),
                "namespace": .string(namespace),
            ]
        ],
    ]
    try await within(.seconds(60), "the right to \(verb) \(resource)") {
        while true {
            let answer = try await client.raw(
                "POST", path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body: review.jsonBytes)
            if try JSONValue(parsing: answer.bytes)["status", "allowed"]?.bool == true { return }
            try Task.checkCancellation()
        }
    }
}
