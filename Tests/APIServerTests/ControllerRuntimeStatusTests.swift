import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Testing

@Suite(.realAPIServer, .timeLimit(.minutes(10))) struct ControllerRuntimeStatusTests {
    /// A kind of its own with a status subresource, as users of a status writer have, for the time of `body`.
    ///
    /// - Parameter conditions: How the list of conditions is declared; nil: not at all, which makes it one field.
    private func withKind(
        _ cluster: TestCluster, conditions: JSONValue? = nil, _ body: (APIResource) async throws -> Void
    ) async throws {
        let client = cluster.client
        let group = "g\(UUID().uuidString.prefix(8).lowercased()).example.com"
        let resource = APIResource(group: group, version: "v1", kind: "Thing", plural: "things", isNamespaced: true)
        let name = "things.\(group)"
        let anything: JSONValue = ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
        var status = anything
        if let conditions { status["properties"] = ["conditions": conditions] }
        _ = try await client.create(
            .customResourceDefinitions,
            UnstructuredObject([
                "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                "metadata": ["name": .string(name)],
                "spec": [
                    "group": .string(group), "scope": "Namespaced",
                    "names": ["kind": "Thing", "listKind": "ThingList", "plural": "things", "singular": "thing"],
                    "versions": [
                        [
                            "name": "v1", "served": true, "storage": true, "subresources": ["status": [:]],
                            "schema": [
                                "openAPIV3Schema": [
                                    "type": "object", "properties": ["spec": anything, "status": status],
                                ]
                            ],
                        ]
                    ],
                ],
            ]), fieldManager: "t")
        try await client.wait(.customResourceDefinitions, ObjectKey(name: name), "established") { definition in
            (definition?.json["status", "conditions"]?.array ?? []).contains {
                $0["type"] == "Established" && $0["status"] == "True"
            }
        }
        // The server's handler hears of it a moment later.
        try await within(.seconds(15), "\(name) to be served") {
            while try await client.raw(path: "/apis/\(group)/v1/things").status == 404 { try Task.checkCancellation() }
        }
        try await body(resource)
        _ = try await client.delete(.customResourceDefinitions, ObjectKey(name: name))
    }

    private func thing(_ resource: APIResource, in namespace: String) -> UnstructuredObject {
        UnstructuredObject([
            "apiVersion": .string(resource.apiVersion), "kind": "Thing",
            "metadata": ["name": "a", "namespace": .string(namespace)], "spec": ["size": 1],
        ])
    }

    @Test func writesWhatIsNewAndOnlyThat() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await withKind(cluster) { resource in
            try await cluster.withNamespace { namespace in
                let key = ObjectKey(namespace: namespace, name: "a")
                let writer = StatusWriter(client: client, resource: resource, manager: "tests-status")
                let created = try await client.create(resource, thing(resource, in: namespace), fieldManager: "t")

                let first: JSONValue = ["status": "RECONCILING", "message": "waits", "observedGeneration": 1]
                #expect(try await writer.write(first, to: created.metadata, current: nil))
                let seen = try await client.get(resource, key)
                #expect(seen.json["status"] == first)
                #expect(seen.json["spec"] == ["size": 1])
                #expect(seen.metadata.generation == created.metadata.generation)

                #expect(try await !writer.write(first, to: seen.metadata, current: seen.json["status"]))
                #expect(try await client.get(resource, key).metadata.resourceVersion == seen.metadata.resourceVersion)

                // The object changed meanwhile, and another writes fields of its own: neither is in the way.
                _ = try await client.patch(resource, key, .merge(["spec": ["size": 2]]), fieldManager: "t")
                _ = try await client.patch(
                    resource, key, .merge(["status": ["theirs": "kept", "message": "theirs"]]), fieldManager: "other",
                    subresource: "status")
                let second: JSONValue = ["status": "HEALTHY", "message": ""]
                #expect(try await writer.write(second, to: seen.metadata, current: seen.json["status"]))
                let last = try await client.get(resource, key)
                #expect(last.json["status"] == ["status": "HEALTHY", "message": "", "theirs": "kept"])
                #expect(last.json["spec"] == ["size": 2])
            }
        }
    }

    @Test func aDeletedOrReplacedObjectIsLeftAlone() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await withKind(cluster) { resource in
            try await cluster.withNamespace { namespace in
                let key = ObjectKey(namespace: namespace, name: "a")
                let writer = StatusWriter(client: client, resource: resource, manager: "tests-status")
                let old = try await client.create(resource, thing(resource, in: namespace), fieldManager: "t")
                _ = try await client.delete(resource, key)
                #expect(try await !writer.write(["status": "HEALTHY"], to: old.metadata, current: nil))
                #expect(try await client.find(resource, key) == nil)

                let new = try await client.create(resource, thing(resource, in: namespace), fieldManager: "t")
                #expect(new.metadata.uid != old.metadata.uid)
                #expect(try await !writer.write(["status": "HEALTHY"], to: old.metadata, current: nil))
                let live = try await client.get(resource, key)
                #expect(live.json["status"] == nil)
                #expect(live.metadata.resourceVersion == new.metadata.resourceVersion)
            }
        }
    }

    // MARK: several writers

    private func condition(_ type: String, _ message: String) -> JSONValue {
        ["type": .string(type), "status": "True", "message": .string(message)]
    }

    /// The conditions with one of them put in place of that of its type.
    private func conditions(_ live: UnstructuredObject, with condition: JSONValue) -> JSONValue {
        let before = live.json["status", "conditions"]?.array ?? []
        return .array(before.filter { $0["type"] != condition["type"] } + [condition])
    }

    private func messages(_ object: UnstructuredObject) -> [String: String] {
        let conditions = object.json["status", "conditions"]?.array ?? []
        return Dictionary(
            conditions.map { ($0["type"]?.string ?? "", $0["message"]?.string ?? "") },
            uniquingKeysWith: { "\($0)+\($1)" })
    }

    /// Whoever writes after the status was read and before it is written: his is not overwritten.
    @Test func whatOthersWriteInBetweenIsKept() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await withKind(cluster) { resource in
            try await cluster.withNamespace { namespace in
                let key = ObjectKey(namespace: namespace, name: "a")
                _ = try await client.create(resource, thing(resource, in: namespace), fieldManager: "t")
                let editor = StatusEditor(client: client, resource: resource, manager: "tests-status")
                let reads = Journal<String>()
                let isWritten = try await editor.edit(key) { live in
                    if reads.entries.count < 3 {
                        let theirs = conditions(live, with: condition("Theirs", "\(reads.entries.count)"))
                        _ = try await client.patch(
                            resource, key, .merge(["status": ["conditions": theirs]]), fieldManager: "other",
                            subresource: "status")
                    }
                    reads.add(live.metadata.resourceVersion)
                    return ["conditions": conditions(live, with: condition("Mine", "here")), "observedGeneration": 1]
                }
                #expect(isWritten)
                #expect(reads.entries.count == 4 && Set(reads.entries).count == 4)
                let live = try await client.get(resource, key)
                #expect(messages(live) == ["Mine": "here", "Theirs": "2"])
                #expect(live.json["status", "observedGeneration"] == 1)
                #expect(live.json["spec"] == ["size": 1])

                // What is there is not written again; nor is an object that is gone.
                let again = try await editor.edit(key) { live in
                    ["conditions": conditions(live, with: condition("Mine", "here")), "observedGeneration": 1]
                }
                #expect(!again)
                #expect(try await client.get(resource, key).metadata.resourceVersion == live.metadata.resourceVersion)
                _ = try await client.delete(resource, key)
                #expect(try await !editor.edit(key) { _ in ["observedGeneration": 2] })
            }
        }
    }

    /// Somebody who writes every time in between is not overwritten in the end either.
    @Test func aConflictWithoutEndIsThrown() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await withKind(cluster) { resource in
            try await cluster.withNamespace { namespace in
                let key = ObjectKey(namespace: namespace, name: "a")
                _ = try await client.create(resource, thing(resource, in: namespace), fieldManager: "t")
                let editor = StatusEditor(client: client, resource: resource, manager: "tests-status")
                let error = await #expect(throws: APIError.self) {
                    try await editor.edit(key) { live in
                        let version = live.metadata.resourceVersion
                        _ = try await client.patch(
                            resource, key, .merge(["status": ["theirs": .string(version)]]), fieldManager: "other",
                            subresource: "status")
                        return ["mine": .string(version)]
                    }
                }
                #expect(error?.isConflict == true)
                #expect(try await client.get(resource, key).json["status", "mine"] == nil)
            }
        }
    }

    /// Several writers, each with conditions of its own, at once and in no order: the last word of each stands in the end.
    @Test(arguments: [false, true]) func writersLoseNothingOfEachOther(isMap: Bool) async throws {
        let map: JSONValue = [
            "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"],
            "items": [
                "type": "object", "required": ["type"], "x-kubernetes-preserve-unknown-fields": true,
                "properties": ["type": ["type": "string"]],
            ],
        ]
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await withKind(cluster, conditions: isMap ? map : Optional.none) { resource in
            try await cluster.withNamespace { namespace in
                let key = ObjectKey(namespace: namespace, name: "a")
                _ = try await client.create(resource, thing(resource, in: namespace), fieldManager: "t")
                let types = ["A", "B", "C"]
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for type in types {
                        let editor = StatusEditor(client: client, resource: resource, manager: "writer-\(type)")
                        group.addTask {
                            for step in 1...30 {
                                for _ in 0..<Int.random(in: 0...3) { await Task.yield() }
                                // More than five in a row may come in between: then it is tried once more.
                                while true {
                                    do {
                                        try await editor.edit(key) { live in
                                            let own = condition(type, "\(step)")
                                            return ["conditions": conditions(live, with: own)]
                                        }
                                        break
                                    } catch let error as APIError where error.isConflict { continue }
                                }
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                let live = try await client.get(resource, key)
                #expect(messages(live) == ["A": "30", "B": "30", "C": "30"])
                guard isMap else { return }
                // Each owns its own condition, and nobody another's.
                for type in types {
                    let entry = (live.json["metadata", "managedFields"]?.array ?? []).first {
                        $0["manager"] == .string("writer-\(type)")
                    }
                    let owned = entry?["fieldsV1", "f:status", "f:conditions"]?.object ?? [:]
                    #expect(Set(owned.keys).subtracting(["."]) == ["k:{\"type\":\"\(type)\"}"])
                }
            }
        }
    }
}
