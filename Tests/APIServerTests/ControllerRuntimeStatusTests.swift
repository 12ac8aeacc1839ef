import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Testing

@Suite(.realAPIServer, .timeLimit(.minutes(10))) struct ControllerRuntimeStatusTests {
    /// A kind of its own with a status subresource, as users of a status writer have, for the time of `body`.
    private func withKind(_ cluster: TestCluster, _ body: (APIResource) async throws -> Void) async throws {
        let client = cluster.client
        let group = "g\(UUID().uuidString.prefix(8).lowercased()).example.com"
        let resource = APIResource(group: group, version: "v1", kind: "Thing", plural: "things", isNamespaced: true)
        let name = "things.\(group)"
        let anything: JSONValue = ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
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
                                    "type": "object", "properties": ["spec": anything, "status": anything],
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
}
