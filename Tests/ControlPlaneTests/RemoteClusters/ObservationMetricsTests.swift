import ControllerRuntime
import FoundationEssentials
import KubernetesClient
import KubernetesModel
import Logging
import MeshTranslator
import Metrics
import Observability
import Testing

@testable import MeshObservation

/// An API server that says what the others are, and others that say nothing at all.
private func withServer(_ body: @escaping @Sendable (KubernetesClient) async throws -> Void)
    async throws
{
    let base = Base()
    var routes = HTTPRoutes()
    routes[below: "/"] = HTTPRoute { request in
        guard request.path.hasPrefix("/api/v1/namespaces/mesh/secrets"), request.queryValue("watch") == nil else {
            try? await Task.sleep(for: .seconds(600))
            return .text("")
        }
        let kubeconfig: JSONValue = [
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "clusters": [["name": "c", "cluster": ["server": .string("\(await base.text)/other")]]],
            "users": [["name": "u", "user": ["token": "t"]]],
            "contexts": [["name": "c", "context": ["cluster": "c", "user": "u"]]],
        ]
        let list: JSONValue = [
            "apiVersion": "v1", "kind": "SecretList", "metadata": ["resourceVersion": "1"],
            "items": [
                [
                    "metadata": ["name": "s", "namespace": "mesh", "labels": ["istio/multiCluster": "true"]],
                    "data": ["silent": .string(Data(kubeconfig.jsonBytes).base64EncodedString())],
                ]
            ],
        ]
        return .text(String(decoding: list.jsonBytes, as: UTF8.self), contentType: "application/json")
    }
    let server = HTTPEndpoints(host: "127.0.0.1", port: 0, routes: routes)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try? await server.run() }
        await base.set("http://127.0.0.1:\(try await server.boundPort)")
        let client = KubernetesClient(
            ClientConfiguration(server: await base.text), userAgent: "test", logger: Levels().logger)
        do { try await body(client) } catch { Issue.record(error) }
        group.cancelAll()
        try await client.shutdown()
    }
}

private actor Base {
    private(set) var text = ""
    func set(_ text: String) { self.text = text }
}

extension MetricsRegistry {
    /// The value on the page; nil: it is not there.
    fileprivate func value(_ series: String) -> Double? {
        prometheusText().split(separator: "\n").first { $0.hasPrefix("\(series) ") }
            .flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
    }
}

@Suite("Metrics of looking at clusters", .timeLimit(.minutes(10)))
struct ObservationMetricsTests {
    @Test("Clusters that are not waited for any longer") func timeouts() async throws {
        try await withServer { client in
            let registry = MetricsRegistry()
            let clusters = RemoteClusters(
                ownID: "own", namespace: "mesh", client: client, inbox: ChangeInbox(), now: { 0 },
                logger: Levels().logger, metrics: registry, patience: .milliseconds(50))
            let task = Task { try await clusters.run(RemoteWork()) }
            while clusters.statuses.isEmpty, !Task.isCancelled { try await Task.sleep(for: .milliseconds(10)) }
            await clusters.waitUntilSettled()
            #expect(registry.value(#"remote_cluster_sync_timeouts_total{cluster="silent"}"#) == 1)
            task.cancel()
            _ = await task.result
        }
    }

    @Test("Failures to read from a cluster") func errors() async throws {
        let registry = MetricsRegistry()
        // Nobody listens there.
        let client = KubernetesClient(
            ClientConfiguration(server: "http://127.0.0.1:1"), userAgent: "test", logger: Levels().logger)
        let observation = withMetricsFactory(registry) {
            WatchedKind.configuration(.services).observe(
                WatchedKind.Context(
                    client: client, inbox: ChangeInbox(), logger: Levels().logger, clusterID: "c"))
        }
        let series = #"controller_sync_errors_total{cluster="c"}"#
        let task = Task { try await observation.run() }
        while registry.value(series) ?? 0 == 0, !Task.isCancelled { try await Task.sleep(for: .milliseconds(10)) }
        #expect(try #require(registry.value(series)) >= 1)
        task.cancel()
        _ = await task.result
        try await client.shutdown()
    }
}
