import Foundation
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Testing

/// What needs a kubelet: commands, logs, connections and evictions of a Pod that runs.
///
/// `APUS_TEST_NODE_KUBECONFIG` names a cluster with a node, such as one of `Hack/cluster up`.
@Suite(
    .enabled(
        if: ProcessInfo.processInfo.environment["APUS_TEST_NODE_KUBECONFIG"] != nil,
        "needs a cluster with a node (APUS_TEST_NODE_KUBECONFIG)"),
    .timeLimit(.minutes(10)))
struct KubernetesClientStreamTests {
    private static let script = """
        echo one; echo two; echo three
        mkdir /tmp/w; echo hello > /tmp/w/index.html; exec httpd -f -p 8080 -h /tmp/w
        """

    /// A Pod that serves "hello" on port 8080 and logs three lines.
    private func pod(in namespace: String) -> UnstructuredObject {
        UnstructuredObject([
            "apiVersion": "v1", "kind": "Pod",
            "metadata": ["name": "p", "namespace": .string(namespace), "labels": ["app": "p"]],
            "spec": [
                "terminationGracePeriodSeconds": 0,
                "containers": [
                    [
                        "name": "main", "image": "docker.io/local/busybox:1", "imagePullPolicy": "IfNotPresent",
                        "command": ["sh", "-c", .string(KubernetesClientStreamTests.script)],
                        "readinessProbe": ["tcpSocket": ["port": 8080], "periodSeconds": 1],
                    ]
                ],
            ],
        ])
    }

    private func withPod(_ body: (KubernetesClient, ObjectKey) async throws -> Void) async throws {
        let path = try #require(ProcessInfo.processInfo.environment["APUS_TEST_NODE_KUBECONFIG"])
        let cluster = try TestCluster.existing(kubeconfig: path)
        let client = cluster.client
        try await cluster.withNamespace { namespace in
            let key = ObjectKey(namespace: namespace, name: "p")
            let scope = ListScope(namespace: namespace)
            // The service account comes a moment after its namespace.
            let start = try await client.list(.serviceAccounts, reader: .unstructured, in: scope)
            if start.items.isEmpty {
                for try await event in client.watch(
                    .serviceAccounts, reader: .unstructured, in: scope, from: start.resourceVersion)
                where event.object != nil { break }
            }
            let made = try await client.create(.pods, pod(in: namespace), fieldManager: "t")
            for try await event in client.watch(
                .pods, reader: .unstructured, in: scope, from: made.metadata.resourceVersion)
            {
                let conditions = event.object?.json["status", "conditions"]?.array ?? []
                if conditions.contains(where: { $0["type"] == "Ready" && $0["status"] == "True" }) { break }
            }
            try await body(client, key)
        }
    }

    @Test func commands() async throws {
        try await withPod { client, key in
            let both = try await client.exec(pod: key, command: ["sh", "-c", "echo out; echo err >&2; exit 3"])
            #expect(both == ExecResult(stdout: Array("out\n".utf8), stderr: Array("err\n".utf8), exitCode: 3))

            let odd = try await client.exec(pod: key, container: "main", command: ["echo", "a & b=c", "ü"])
            #expect(odd.text == "a & b=c ü\n")
            #expect(odd.exitCode == 0)

            let large = try await client.exec(
                pod: key, command: ["sh", "-c", "head -c 2000000 /dev/zero | tr '\\0' x"])
            #expect(large.stdout.count == 2_000_000)

            let input = try await client.exec(
                pod: key, command: ["head", "-c", "5"], input: Array("12345678".utf8))
            #expect(input.text == "12345")

            let endless = await #expect(throws: TransportError.self) {
                try await client.exec(pod: key, command: ["yes"], outputLimit: 100_000)
            }
            #expect(endless?.kind == .tooLarge)
            let hanging = await #expect(throws: TransportError.self) {
                try await client.exec(pod: key, command: ["sleep", "1000"], timeLimit: .seconds(2))
            }
            #expect(hanging?.kind == .timedOut)
            let missing = await #expect(throws: APIError.self) {
                try await client.exec(pod: key, command: ["no-such-program"])
            }
            #expect(missing?.message.contains("no-such-program") == true)
            let nowhere = await #expect(throws: APIError.self) {
                try await client.exec(pod: ObjectKey(namespace: key.namespace, name: "gone"), command: ["true"])
            }
            #expect(nowhere?.isNotFound == true)
        }
    }

    @Test func logs() async throws {
        try await withPod { client, key in
            var lines: [String] = []
            for try await line in client.logs(pod: key) { lines.append(String(decoding: line, as: UTF8.self)) }
            #expect(lines == ["one", "two", "three"])

            // Following ends with the container.
            var followed = client.logs(pod: key, follow: true, tail: 2).makeAsyncIterator()
            #expect(try await followed.next() == Array("two".utf8))
            #expect(try await followed.next() == Array("three".utf8))
            let later = try await client.exec(pod: key, command: ["sh", "-c", "echo four > /proc/1/fd/1"])
            #expect(later.exitCode == 0)
            #expect(try await followed.next() == Array("four".utf8))
            #expect(try await client.delete(.pods, key, gracePeriodSeconds: 0))
            #expect(try await followed.next() == nil)
        }
    }

    @Test func connectionsToAPort() async throws {
        try await withPod { client, key in
            let answer = try await client.withPortForward(pod: key, port: 8080) { connection in
                try await connection.write(Array("GET / HTTP/1.0\r\n\r\n".utf8))
                var answer: [UInt8] = []
                try await connection.forEachChunk { chunk in
                    answer += chunk
                    return true
                }
                return String(decoding: answer, as: UTF8.self)
            }
            #expect(answer.hasPrefix("HTTP/1.") && answer.hasSuffix("hello\n"))

            let refused = await #expect(throws: APIError.self) {
                try await client.withPortForward(pod: key, port: 9) { connection in
                    try await connection.forEachChunk { _ in true }
                }
            }
            #expect(refused?.message.contains("refused") == true)
        }
    }

    @Test func evictions() async throws {
        try await withPod { client, key in
            let verdict = try await client.evict(pod: key)
            #expect(verdict == .evicted)
            let pod = try await client.find(.pods, key)
            #expect(pod == nil || pod?.metadata.deletionTimestamp != nil)
        }
    }
}
