import KubernetesClient
import KubernetesModel
import KubernetesTesting

extension TestCluster {
    /// Plays the kubelet until it is cancelled: says of every Pod that it runs and is ready. No container exists.
    func playKubelet(in namespace: String, for labels: LabelSelector? = nil) async throws {
        let scope = ListScope(namespace: namespace, labels: labels)
        while !Task.isCancelled {
            do {
                let list = try await client.list(.pods, reader: .unstructured, in: scope)
                for pod in list.items { try await run(pod) }
                for try await event in client.watch(
                    .pods, reader: .unstructured, in: scope, from: list.resourceVersion)
                {
                    if event.kind == .added || event.kind == .modified, let pod = event.object { try await run(pod) }
                }
            } catch {
                try await Task.sleep(for: .milliseconds(50))  // the server is away, or the Pod is
            }
        }
    }

    private func run(_ pod: UnstructuredObject) async throws {
        guard !pod.hasCondition("Ready"), pod.metadata.deletionTimestamp == nil else { return }
        let conditions: JSONValue = [
            ["type": "Ready", "status": "True", "lastTransitionTime": "2020-01-01T00:00:00Z"],
            ["type": "ContainersReady", "status": "True", "lastTransitionTime": "2020-01-01T00:00:00Z"],
        ]
        _ = try await client.patch(
            .pods, pod.key, .merge(["status": ["phase": "Running", "conditions": conditions]]),
            fieldManager: "kubelet", subresource: "status")
    }
}
