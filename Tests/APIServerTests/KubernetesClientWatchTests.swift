import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Testing

@Suite(.realAPIServer, .timeLimit(.minutes(10))) struct KubernetesClientWatchTests {
    private func version(_ client: KubernetesClient, _ scope: ListScope) async throws -> String {
        try await client.list(.configMaps, reader: .unstructured, in: scope).resourceVersion
    }

    @Test func tellsChangesInOrder() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await cluster.withNamespace { namespace in
            let scope = ListScope(namespace: namespace, labels: LabelSelector(matchLabels: ["watched": "yes"]))
            let key = ObjectKey(namespace: namespace, name: "a")
            let start = try await version(client, scope)
            _ = try await client.create(
                .configMaps, configMap("a", in: namespace, ["n": "1"], labels: ["watched": "yes"]), fieldManager: "t")
            _ = try await client.patch(.configMaps, key, .merge(["data": ["n": "2"]]), fieldManager: "t")
            _ = try await client.delete(.configMaps, key)

            var seen: [String] = []
            for try await event in client.watch(.configMaps, reader: .unstructured, in: scope, from: start) {
                guard let object = event.object else { continue }
                #expect(object.kind == "ConfigMap")
                #expect(event.resourceVersion == object.metadata.resourceVersion)
                seen.append("\(event.kind) \(object.json["data", "n"]?.string ?? "")")
                if seen.count == 3 { break }
            }
            #expect(seen == ["added 1", "modified 2", "deleted 2"])
        }
    }

    /// The server ends a watch; the next one goes on from the last version seen, and misses nothing.
    @Test func goesOnAfterTheServerEndsIt() async throws {
        let cluster = try await TestCluster.shared
        var limits = TestCluster.limits
        limits.watchSeconds = 1...1
        try await cluster.withNamespace { namespace in
            try await cluster.withClient(limits: limits) { client in
                let scope = ListScope(namespace: namespace, labels: LabelSelector(matchLabels: ["watched": "yes"]))
                var last = try await version(client, scope)
                var names: [String] = []
                for round in 0..<3 {
                    _ = try await client.create(
                        .configMaps, configMap("r\(round)", in: namespace, labels: ["watched": "yes"]),
                        fieldManager: "t")
                    for try await event in client.watch(
                        .configMaps, reader: .decodable(PartialObject.self), in: scope, from: last)
                    {
                        last = event.resourceVersion
                        if let name = event.object?.metadata.name { names.append(name) }
                    }
                }
                #expect(names == ["r0", "r1", "r2"])
            }
        }
    }

    @Test func bookmarksMoveTheVersionOn() async throws {
        let cluster = try await TestCluster.shared
        var limits = TestCluster.limits
        limits.watchSeconds = 5...5  // a bookmark comes two seconds before the end
        try await cluster.withNamespace { namespace in
            try await cluster.withClient(limits: limits) { client in
                let scope = ListScope(namespace: namespace, labels: LabelSelector(matchLabels: ["watched": "yes"]))
                let start = try await version(client, scope)
                // Not selected, so only a bookmark can tell of it.
                _ = try await client.create(.configMaps, configMap("other", in: namespace), fieldManager: "t")
                var bookmark: WatchEvent<PartialObject>?
                for try await event in client.watch(
                    .configMaps, reader: .decodable(PartialObject.self), in: scope, from: start)
                where event.kind == .bookmark {
                    bookmark = event
                }
                let version = try #require(bookmark?.resourceVersion)
                #expect(try #require(Int(version)) > (try #require(Int(start))))
                #expect(bookmark?.object == nil)
            }
        }
    }

    @Test func cancellationEndsAWatchThatWaits() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        try await cluster.withNamespace { namespace in
            let scope = ListScope(namespace: namespace)
            let start = try await version(client, scope)
            let (signal, started) = AsyncStream<Void>.makeStream()
            let task = Task {
                for try await _ in client.watch(.configMaps, reader: .unstructured, in: scope, from: start) {
                    started.yield()
                }
            }
            _ = try await client.create(.configMaps, configMap("go", in: namespace), fieldManager: "t")
            var signals = signal.makeAsyncIterator()
            await signals.next()
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    /// A watcher that takes no events holds the server back, and then still gets every one of them.
    @Test func aSlowReaderMissesNothing() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        let filler = String(repeating: "x", count: 100_000)
        try await cluster.withNamespace { namespace in
            let scope = ListScope(namespace: namespace, labels: LabelSelector(matchLabels: ["watched": "yes"]))
            let start = try await version(client, scope)
            var events = client.watch(.configMaps, reader: .decodable(PartialObject.self), in: scope, from: start)
                .makeAsyncIterator()
            for number in 0..<60 {
                _ = try await client.create(
                    .configMaps, configMap("c\(number)", in: namespace, ["x": filler], labels: ["watched": "yes"]),
                    fieldManager: "t")
                if number == 0 { _ = try await events.next() }  // opens the watch; nothing is read after it
            }
            var names: [String] = []
            while names.count < 59, let event = try await events.next() {
                if let name = event.object?.metadata.name { names.append(name) }
            }
            #expect(names == (1..<60).map { "c\($0)" })
        }
    }

    @Test func aWatchOfManyKindsAtOnce() async throws {
        let cluster = try await TestCluster.shared
        let client = cluster.client
        let kinds: [APIResource] = [.configMaps, .secrets, .services, .serviceAccounts, .pods, .deployments, .leases]
        try await cluster.withNamespace { namespace in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for kind in kinds {
                    for _ in 0..<10 {
                        let start = try await client.list(
                            kind, reader: .unstructured, in: ListScope(namespace: namespace))
                        group.addTask {
                            for try await event in client.watch(
                                kind, reader: .unstructured, in: ListScope(namespace: namespace),
                                from: start.resourceVersion)
                            where event.object?.name == "mark" { return }
                        }
                    }
                }
                // 70 watches are open or opening; requests still get through.
                for kind in kinds {
                    var object = UnstructuredObject([
                        "apiVersion": .string(kind.apiVersion), "kind": .string(kind.kind),
                        "metadata": ["name": "mark", "namespace": .string(namespace)],
                    ])
                    switch kind {
                    case .services: object.json["spec"] = ["ports": [["port": 80]]]
                    case .pods: object.json["spec"] = ["containers": [["name": "a", "image": "example.com/a:1"]]]
                    case .deployments: object = deployment("mark", in: namespace, replicas: 0)
                    default: break
                    }
                    _ = try await client.create(kind, object, fieldManager: "t")
                }
                try await group.waitForAll()
            }
        }
    }
}
