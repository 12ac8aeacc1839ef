import ControllerRuntime
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Logging
import Synchronization
import Testing

@Suite(.realAPIServer, .timeLimit(.minutes(10))) struct ControllerRuntimeEventTests {
    private let log = Journal<LogEntry>()

    /// 2026-01-01T00:00:00Z, then a minute later with every look.
    private func recorder(_ client: KubernetesClient) -> EventRecorder {
        let looks = Mutex<Int64>(0)
        return EventRecorder(
            client: client, component: "tests-recorder", host: "pod-1",
            now: {
                looks.withLock { looks in
                    defer { looks += 1 }
                    return 1_767_225_600 + 60 * looks
                }
            }, logger: log.logger)
    }

    private func events(
        about object: ObjectMeta, in namespace: String, _ client: KubernetesClient
    ) async throws -> [UnstructuredObject] {
        try await client.list(
            .events, reader: .unstructured,
            in: ListScope(namespace: namespace, fieldSelector: "involvedObject.uid=\(object.uid)")
        ).items.sorted { ($0.json["message"]?.string ?? "") < ($1.json["message"]?.string ?? "") }
    }

    @Test func theSameAgainCountsUp() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await cluster.withNamespace { namespace in
            let recorder = recorder(client)
            let object = try await client.create(.configMaps, configMap("a", in: namespace), fieldManager: "t").metadata
            await recorder.record(.normal, reason: "Made", "it is made", about: object, of: .configMaps)
            let first = try #require(try await events(about: object, in: namespace, client).first)
            #expect(first.json["count"] == 1)
            #expect(first.json["type"] == "Normal")
            #expect(first.json["reason"] == "Made")
            #expect(first.json["message"] == "it is made")
            #expect(first.json["source", "component"] == "tests-recorder")
            #expect(first.json["reportingInstance"] == "pod-1")
            #expect(first.json["firstTimestamp"] == "2026-01-01T00:00:00Z")
            #expect(
                first.json["involvedObject"] == [
                    "apiVersion": "v1", "kind": "ConfigMap", "namespace": .string(namespace), "name": "a",
                    "uid": .string(object.uid), "resourceVersion": .string(object.resourceVersion),
                ])

            for _ in 0..<2 {
                await recorder.record(.normal, reason: "Made", "it is made", about: object, of: .configMaps)
            }
            await recorder.record(.warning, reason: "Broken", "not any more", about: object, of: .configMaps)
            let all = try await events(about: object, in: namespace, client)
            #expect(all.map { $0.json["message"]?.string } == ["it is made", "not any more"])
            #expect(all.map { $0.json["count"]?.integer } == [3, 1])
            #expect(all.map { $0.json["type"]?.string } == ["Normal", "Warning"])
            #expect(all.first?.json["firstTimestamp"] == "2026-01-01T00:00:00Z")
            #expect(all.first?.json["lastTimestamp"] == "2026-01-01T00:02:00Z")

            // The server forgot it: it is told anew.
            _ = try await client.delete(.events, first.key)
            await recorder.record(.normal, reason: "Made", "it is made", about: object, of: .configMaps)
            let anew = try #require(try await events(about: object, in: namespace, client).first)
            #expect(anew.json["count"] == 1)
            #expect(anew.key != first.key)
            #expect(log.entries.isEmpty, "\(log.entries)")
        }
    }

    @Test func longMessagesAreCutBetweenCharacters() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await cluster.withNamespace { namespace in
            let object = try await client.create(.configMaps, configMap("a", in: namespace), fieldManager: "t").metadata
            let long = String(repeating: "ü", count: 2000)
            await recorder(client).record(.warning, reason: "Long", long, about: object, of: .configMaps)
            let message = try #require(
                try await events(about: object, in: namespace, client).first?.json["message"]?.string)
            #expect(message == String(repeating: "ü", count: 510) + "...")
            #expect(log.entries.isEmpty, "\(log.entries)")
        }
    }

    /// Events live in namespaces; those of objects that live in none are in `default`, where kubectl looks for them.
    @Test func objectsWithoutANamespace() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await cluster.withNamespace { namespace in
            let object = try await client.get(.namespaces, ObjectKey(name: namespace)).metadata
            await recorder(client).record(.normal, reason: "Seen", "here it is", about: object, of: .namespaces)
            let event = try #require(try await events(about: object, in: "default", client).first)
            #expect(event.json["involvedObject", "kind"] == "Namespace")
            #expect(log.entries.isEmpty, "\(log.entries)")
        }
    }

    /// What cannot be told does not stop the work it is about.
    @Test func whatCannotBeRecordedIsLogged() async throws {
        let cluster = try await TestCluster.shared
        var object = ObjectMeta(name: "a", namespace: "no-such-namespace")
        object.uid = "1"
        await recorder(cluster.client).record(.normal, reason: "Lost", "nobody hears", about: object, of: .configMaps)
        #expect(log.complaints.map(\.level) == [.warning])
        #expect(log.complaints.first?.text.contains("reason=Lost") == true)
    }
}
