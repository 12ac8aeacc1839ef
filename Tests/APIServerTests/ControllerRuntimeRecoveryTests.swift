import ControllerRuntime
import FoundationEssentials
import Glibc
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Logging
import Testing

extension OwnClusterTests {
    @Suite struct ControllerRuntimeRecoveryTests {}
}

extension OwnClusterTests.ControllerRuntimeRecoveryTests {
    private static let marked = LabelSelector(matchLabels: ["watched": "yes"])

    private func marked(_ name: String, in namespace: String) -> UnstructuredObject {
        configMap(name, in: namespace, ["n": "1"], labels: ["watched": "yes"])
    }

    private func reflector(
        _ namespace: String, into store: Store<SeenConfigMap>, _ client: KubernetesClient, _ logger: Logger
    ) -> Reflector<SeenConfigMap> {
        Reflector(
            .configMaps, reader: .decodable(),
            in: ListScope(namespace: namespace, labels: OwnClusterTests.ControllerRuntimeRecoveryTests.marked),
            into: store, client: client, backoff: Backoff(base: .milliseconds(100), limit: .milliseconds(500)),
            logger: logger)
    }

    @Test func aReflectorOutlivesItsServer() async throws {
        let cluster = try OwnClusterTests.cluster
        let client = cluster.client
        try await cluster.withNamespace { namespace in
            _ = try await client.create(.configMaps, marked("a", in: namespace), fieldManager: "t")
            let store = Store<SeenConfigMap>()
            let log = Journal<LogEntry>()
            try await withServices([reflector(namespace, into: store, client, log.logger)]) { _ in
                await store.waitUntilSynced()
                let history = store.history()
                try await cluster.stop("kube-apiserver", abruptly: true)
                try await log.wait(for: "failed attempts") { $0.count { $0.text.contains("Cannot read") } >= 2 }
                #expect(store.objects.map(\.key.name) == ["a"])  // what was seen last is still served
                try await cluster.start("kube-apiserver")
                _ = try await client.create(.configMaps, marked("b", in: namespace), fieldManager: "t")
                try await history.wait(for: "b") { $0.last == ["\(namespace)/a=1", "\(namespace)/b=1"] }
            }
        }
    }

    /// Objects go while nobody watches, and the history that would tell is compacted away. What a list shows is then
    /// the truth, for the namespace that was listed.
    @Test func anExpiredWatchIsMendedByAList() async throws {
        let cluster = try OwnClusterTests.cluster
        let client = cluster.client
        try await cluster.withNamespace { first in
            try await cluster.withNamespace { second in
                for name in ["a", "gone"] {
                    _ = try await client.create(.configMaps, marked(name, in: first), fieldManager: "t")
                }
                _ = try await client.create(.configMaps, marked("c", in: second), fieldManager: "t")
                let store = Store<SeenConfigMap>(reflectors: 2)
                let log = Journal<LogEntry>()
                let reflectors = [first, second].map { reflector($0, into: store, client, log.logger) }
                try await withServices(reflectors) { _ in
                    await store.waitUntilSynced()
                    let history = store.history()
                    #expect(history.entries.last?.count == 3)
                    try await cluster.stop("kube-apiserver", abruptly: true)
                    try await withEtcd(of: cluster) { etcd in
                        try await etcd.delete("/registry/configmaps/\(first)/gone")
                        try await etcd.compact()
                    }
                    try await cluster.start("kube-apiserver")
                    let expected = ["\(first)/a=1", "\(second)/c=1"].sorted()
                    try await history.wait(for: "gone to go") { $0.last == expected }
                    try await log.wait(for: "both to list again") {
                        $0.count { $0.text.hasPrefix("Watch expired") } >= 2
                    }
                    #expect(store.objects.count == 2)
                    // And both watch again.
                    _ = try await client.create(.configMaps, marked("b", in: first), fieldManager: "t")
                    _ = try await client.create(.configMaps, marked("d", in: second), fieldManager: "t")
                    try await history.wait(for: "b and d") { $0.last?.count == 4 }
                }
            }
        }
    }

    /// A leader that cannot renew stops its writers before others may start, and stands again afterwards; both when
    /// the server is gone and when it is silent.
    @Test(arguments: [false, true]) func aLeaderWithoutAServerStops(silent: Bool) async throws {
        let cluster = try OwnClusterTests.cluster
        try await cluster.withNamespace { namespace in
            let election = Election(in: namespace, Election.short, cluster.client)
            let journal = election.journal
            try await withServices([election.candidate("a")]) { _ in
                _ = try await journal.term(1)
                let server = try cluster.processID(of: "kube-apiserver")
                if silent { kill(server, SIGSTOP) } else { try await cluster.stop("kube-apiserver", abruptly: true) }
                let gone = ContinuousClock.now
                let end = try await journal.end(1)
                let took = gone.duration(to: end.moment)
                if silent { kill(server, SIGCONT) } else { try await cluster.start("kube-apiserver") }
                #expect(took < .seconds(6), "others may lead after six seconds")
                if silent { #expect(took > .seconds(1)) }  // it did not give up at the first failure
                let back = try await journal.term(2, within: .seconds(90))
                #expect(back.leader == "a")
            }
            #expect(journal.mostAtOnce == 1)
            #expect(try await election.holder == "")
        }
    }

    private func withEtcd(of cluster: TestCluster, _ body: (Etcd) async throws -> Void) async throws {
        let settings = URL(filePath: cluster.kubeconfig).deletingLastPathComponent().appending(path: "settings")
        let text = String(decoding: try Data(contentsOf: settings), as: UTF8.self)
        let port = text.split(separator: "\n").first { $0.hasPrefix("etcd_port=") }?
            .split { !("0"..."9").contains($0) }.last
        let server = "http://127.0.0.1:\(try #require(port))"
        try await cluster.withClient(ClientConfiguration(server: server)) { try await body(Etcd(client: $0)) }
    }
}

/// The API server's own memory, over etcd's JSON gateway: what no client of the API server can do.
private struct Etcd {
    var client: KubernetesClient

    func delete(_ key: String) async throws {
        let answer = try await send("kv/deleterange", ["key": .string(Data(key.utf8).base64EncodedString())])
        #expect(answer["deleted"]?.string == "1")
    }

    /// Forgets all that was before now.
    func compact() async throws {
        let now = try await send("kv/range", ["key": .string(Data("/".utf8).base64EncodedString())])
        let revision = try #require(now["header", "revision"]?.string)
        _ = try await send("kv/compaction", ["revision": .string(revision), "physical": true])
    }

    private func send(_ path: String, _ body: JSONValue) async throws -> JSONValue {
        let answer = try await client.raw("POST", path: "/v3/\(path)", body: body.jsonBytes)
        try #require(answer.status == 200, "\(String(decoding: answer.bytes, as: UTF8.self))")
        return try JSONValue(parsing: answer.bytes)
    }
}
