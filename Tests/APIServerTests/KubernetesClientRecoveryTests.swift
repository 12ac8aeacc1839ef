import Glibc
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Testing

/// What a client does while its server is away. A cluster of its own, and one test at a time.
@Suite(.realAPIServer, .serialized, .timeLimit(.minutes(10))) struct KubernetesClientRecoveryTests {
    /// Made by the tests: a server that has only just started has not made its own yet.
    private let namespace = "recovery"

    private func withOwnCluster(_ label: String, _ body: (TestCluster) async throws -> Void) async throws {
        try #require(TestCluster.problem == nil)
        let cluster = try await TestCluster.start(label: label, options: ["--apiserver-only"])
        let object: JSONValue = [
            "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(namespace)],
        ]
        let result: Result<Void, any Error>
        do {
            _ = try await cluster.client.create(.namespaces, UnstructuredObject(object), fieldManager: "t")
            result = .success(try await body(cluster))
        } catch {
            result = .failure(error)
        }
        try await cluster.shutdown()
        try result.get()
    }

    @Test func theServerIsKilledAndComesBack() async throws {
        try await withOwnCluster("killed") { cluster in
            let client = cluster.client
            let scope = ListScope(namespace: namespace)
            _ = try await client.create(.configMaps, configMap("before", in: namespace), fieldManager: "t")
            let list = try await client.list(.configMaps, reader: .unstructured, in: scope)

            let (opened, signal) = AsyncStream<Void>.makeStream()
            let watch = Task {
                for try await event in client.watch(
                    .configMaps, reader: .unstructured, in: scope, from: list.resourceVersion)
                where event.object != nil {
                    signal.yield()
                }
            }
            _ = try await client.create(.configMaps, configMap("during", in: namespace), fieldManager: "t")
            var iterator = opened.makeAsyncIterator()
            await iterator.next()

            try await cluster.stop("kube-apiserver", abruptly: true)
            let broken = await #expect(throws: TransportError.self) { try await watch.value }
            #expect(broken?.kind == .interrupted)
            let unreachable = await #expect(throws: TransportError.self) { try await client.version() }
            #expect(unreachable?.kind == .unreachable)
            #expect(unreachable?.cause == "connection refused")

            try await cluster.start("kube-apiserver")
            #expect(try await client.get(.configMaps, ObjectKey(namespace: namespace, name: "during")).name == "during")
            // The server has lost its memory of changes: it says so, and a new list is a new start.
            let expired = await #expect(throws: WatchExpired.self) {
                for try await _ in client.watch(
                    .configMaps, reader: .unstructured, in: scope, from: list.resourceVersion)
                {}
            }
            #expect(expired?.message.contains("too old resource version") == true)
            let again = try await client.list(.configMaps, reader: .unstructured, in: scope)
            #expect(Set(again.items.map(\.name)).isSuperset(of: ["before", "during"]))
            _ = try await client.create(.configMaps, configMap("after", in: namespace), fieldManager: "t")
            for try await event in client.watch(
                .configMaps, reader: .unstructured, in: scope, from: again.resourceVersion)
            where event.object?.name == "after" { break }
        }
    }

    /// A request that is sent while the server is away arrives once it is back, within its retries.
    @Test func requestsOutlastAShortAbsence() async throws {
        try await withOwnCluster("absent") { cluster in
            var limits = TestCluster.limits
            limits.retries = 12
            try await cluster.withClient(limits: limits) { client in
                try await cluster.stop("kube-apiserver", abruptly: true)
                async let version = client.version()
                async let applied = client.apply(
                    .configMaps, configMap("late", in: namespace), fieldManager: "t", force: true)
                try await cluster.start("kube-apiserver")
                let (major, name) = (try await version.major, try await applied.name)
                #expect(major == 1)
                #expect(name == "late")
            }
        }
    }

    /// A server that hangs (here: stopped) closes no connection and answers nothing.
    @Test func aSilentServerIsNoticed() async throws {
        try await withOwnCluster("silent") { cluster in
            var limits = TestCluster.limits
            limits.quietTime = .seconds(2)
            limits.probeTimeout = .seconds(1)
            limits.requestTimeout = .seconds(2)
            limits.retries = 0
            try await cluster.withClient(limits: limits) { client in
                let list = try await client.list(.configMaps, reader: .unstructured)
                var events = client.watch(.configMaps, reader: .unstructured, from: list.resourceVersion)
                    .makeAsyncIterator()
                _ = try await client.create(.configMaps, configMap("a", in: namespace), fieldManager: "t")
                _ = try await events.next()

                let server = try cluster.processID(of: "kube-apiserver")
                kill(server, SIGSTOP)
                let began = ContinuousClock.now
                let silent = await #expect(throws: TransportError.self) { while try await events.next() != nil {} }
                let took = began.duration(to: .now)
                let timedOut = await #expect(throws: TransportError.self) { try await client.version() }
                kill(server, SIGCONT)
                #expect(silent?.cause.hasPrefix("silent for") == true)
                #expect(took < .seconds(40))
                #expect(timedOut?.kind == .timedOut)
                #expect(try await client.version().major == 1)
            }
        }
    }

    /// Watches and requests share one connection, by HTTP/2.
    @Test func watchesAndRequestsShareOneConnection() async throws {
        try await withOwnCluster("shared") { cluster in
            let client = cluster.client
            let list = try await client.list(.configMaps, reader: .unstructured)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        for try await event in client.watch(
                            .configMaps, reader: .unstructured, from: list.resourceVersion)
                        where event.object?.name == "end" { return }
                    }
                    group.addTask {
                        _ = try await client.create(
                            .configMaps, configMap("c\(number)", in: namespace), fieldManager: "t")
                    }
                }
                for _ in 0..<20 { try await group.next() }  // the creates; the watches go on
                let server = try #require(Int(client.configuration.server.split(separator: ":").last ?? ""))
                #expect(try connections(to: server) == 1)
                _ = try await client.create(.configMaps, configMap("end", in: namespace), fieldManager: "t")
                try await group.waitForAll()
            }
        }
    }

    /// Established connections of this process to a port of this machine.
    private func connections(to port: Int) throws -> Int {
        var sockets: Set<String> = []
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            var target = [UInt8](repeating: 0, count: 256)
            let length = readlink("/proc/self/fd/\(name)", &target, target.count)
            if length > 0 { sockets.insert(String(decoding: target[..<length], as: UTF8.self)) }
        }
        let hex = String(port, radix: 16, uppercase: true)
        let remote = String(repeating: "0", count: 4 - hex.count) + hex
        var table = ""
        for file in ["/proc/self/net/tcp", "/proc/self/net/tcp6"] {
            guard let stream = fopen(file, "r") else { continue }
            defer { fclose(stream) }
            var line = [CChar](repeating: 0, count: 512)
            while fgets(&line, Int32(line.count), stream) != nil {
                table += String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            }
        }
        return table.split(separator: "\n").count { line in
            let fields = line.split(separator: " ")
            return fields.count > 9 && fields[2].hasSuffix(":" + remote) && fields[3] == "01"
                && sockets.contains("socket:[\(fields[9])]")
        }
    }
}
