import ControllerRuntime
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Testing

@Suite(.realAPIServer, .timeLimit(.minutes(10))) struct ControllerRuntimeReflectorTests {
    private let marked = LabelSelector(matchLabels: ["watched": "yes"])

    private func marked(_ name: String, in namespace: String, _ value: String = "1") -> UnstructuredObject {
        configMap(name, in: namespace, ["n": value], labels: ["watched": "yes"])
    }

    private func reflector(
        _ namespace: String, into store: Store<SeenConfigMap>, _ client: KubernetesClient, _ log: Journal<LogEntry>
    ) -> Reflector<SeenConfigMap> {
        Reflector(
            .configMaps, reader: .decodable(), in: ListScope(namespace: namespace, labels: marked), into: store,
            client: client, logger: log.logger)
    }

    @Test func fillsItsStoreAndFollowsChanges() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await cluster.withNamespace { namespace in
            for name in ["a", "b"] {
                _ = try await client.create(.configMaps, marked(name, in: namespace), fieldManager: "t")
            }
            let store = Store<SeenConfigMap>()
            let log = Journal<LogEntry>()
            #expect(!store.isSynced)
            try await withServices([reflector(namespace, into: store, client, log)]) { _ in
                await store.waitUntilSynced()
                let history = store.history()
                #expect(history.entries.last == ["\(namespace)/a=1", "\(namespace)/b=1"])

                _ = try await client.create(.configMaps, marked("c", in: namespace), fieldManager: "t")
                _ = try await client.patch(
                    .configMaps, ObjectKey(namespace: namespace, name: "a"), .merge(["data": ["n": "2"]]),
                    fieldManager: "t")
                _ = try await client.delete(.configMaps, ObjectKey(namespace: namespace, name: "b"))
                let expected = ["\(namespace)/a=2", "\(namespace)/c=1"]
                try await history.wait(for: "the changes") { $0.last == expected }

                // An object that leaves the selection leaves the store.
                _ = try await client.patch(
                    .configMaps, ObjectKey(namespace: namespace, name: "c"),
                    .merge(["metadata": ["labels": ["watched": nil]]]), fieldManager: "t")
                try await history.wait(for: "c to leave") { $0.last == ["\(namespace)/a=2"] }
            }
            #expect(log.complaints.isEmpty, "\(log.complaints)")
        }
    }

    /// The server ends every watch after a second; nothing is missed and nothing listed again.
    @Test func goesOnWhenTheServerEndsTheWatch() async throws {
        let cluster = try await TestCluster.shared
        var limits = TestCluster.limits
        limits.watchSeconds = 1...1
        try await cluster.withNamespace { namespace in
            try await cluster.withClient(limits: limits) { client in
                let store = Store<SeenConfigMap>()
                let log = Journal<LogEntry>()
                try await withServices([reflector(namespace, into: store, client, log)]) { _ in
                    await store.waitUntilSynced()
                    let history = store.history()
                    // Watches of our own that last as long mark the time.
                    for round in 1...3 {
                        let scope = ListScope(namespace: namespace, labels: LabelSelector(matchLabels: ["no": "one"]))
                        let list = try await client.list(.configMaps, reader: .unstructured, in: scope)
                        for try await _ in client.watch(
                            .configMaps, reader: .unstructured, in: scope, from: list.resourceVersion)
                        {}
                        _ = try await client.create(.configMaps, marked("r\(round)", in: namespace), fieldManager: "t")
                        try await history.wait(for: "r\(round)") { $0.last?.count == round }
                    }
                    #expect(history.entries.count == 3)
                }
                #expect(log.complaints.isEmpty, "\(log.complaints)")
            }
        }
    }

    @Test func reflectorsOfSeveralNamespacesShareAStore() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await cluster.withNamespace { first in
            try await cluster.withNamespace { second in
                for namespace in [first, second] {
                    _ = try await client.create(.configMaps, marked("same", in: namespace), fieldManager: "t")
                }
                let store = Store<SeenConfigMap>(reflectors: 2)
                let history = store.history()
                let log = Journal<LogEntry>()
                try await withServices([reflector(first, into: store, client, log)]) { _ in
                    try await history.wait(for: "the first namespace") { $0.last == ["\(first)/same=1"] }
                    #expect(!store.isSynced)
                    try await withServices([reflector(second, into: store, client, log)]) { _ in
                        await store.waitUntilSynced()
                        #expect(store.objects.count == 2)
                        _ = try await client.delete(.configMaps, ObjectKey(namespace: first, name: "same"))
                        try await history.wait(for: "the deletion") { $0.last == ["\(second)/same=1"] }
                    }
                }
            }
        }
    }

    /// A kind that is not there yet is waited for; nothing of it is taken for an empty list.
    @Test func aKindThatDoesNotExistIsNotSynced() async throws {
        let cluster = try await TestCluster.shared
        let store = Store<SeenConfigMap>()
        let log = Journal<LogEntry>()
        let resource = APIResource(
            group: "nowhere.example.com", version: "v1", kind: "Thing", plural: "things", isNamespaced: true)
        let reflector = Reflector(
            resource, reader: .decodable(SeenConfigMap.self), into: store, client: cluster.client,
            backoff: Backoff(base: .milliseconds(50), limit: .milliseconds(100)), logger: log.logger)
        try await withServices([reflector]) { _ in
            try await log.wait(for: "three attempts") { $0.count { $0.text.contains("Cannot read") } >= 3 }
            #expect(!store.isSynced)
        }
        #expect(log.entries.allSatisfy { $0.text.contains("things.nowhere.example.com") }, "\(log.entries)")
    }
}
