import DiscoveryAPI
import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import Foundation
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import SwiftProtobuf
import Testing

/// Bookinfo as its public manifests make it, in a namespace of a real API server. Its controllers make the Pods and the
/// endpoints; what a kubelet would say of the Pods is said here.
struct Bookinfo: Sendable {
    private static let manifest = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "shared/reference/data/samples/bookinfo/kube/bookinfo.yaml")

    /// Whether the manifests are on this machine.
    static let isPresent = FileManager.default.fileExists(atPath: manifest.path)

    let client: KubernetesClient
    let namespace: String

    private static let resources: [String: APIResource] = [
        "Service": .services, "ServiceAccount": .serviceAccounts, "Deployment": .deployments,
    ]

    /// Makes what the manifests say.
    func create() async throws {
        let text = try String(contentsOf: Self.manifest, encoding: .utf8)
        for document in try JSONValue.documents(yaml: text) {
            var object = UnstructuredObject(document)
            guard let resource = Self.resources[object.groupVersionKind.kind] else { continue }
            object.json["metadata", "namespace"] = .string(namespace)
            _ = try await client.create(resource, object, fieldManager: "kubectl")
        }
    }

    /// The virtual IP of a Service.
    func virtualIP(_ service: String) async throws -> String {
        try #require(try await client.get(.services, key(service)).json["spec", "clusterIP"]?.string)
    }

    /// Says of a workload's Pod what a kubelet would, and that it has a sidecar.
    ///
    /// - Returns: The Pod's name.
    @discardableResult
    func run(_ app: String, _ version: String, at address: String) async throws -> String {
        let scope = ListScope(
            namespace: namespace, labels: LabelSelector(matchLabels: ["app": app, "version": version]))
        let pods = Journal<String>()
        try await eventually("a Pod of \(app) \(version)") {
            for pod in try await client.list(.pods, reader: .unstructured, in: scope).items { pods.add(pod.name) }
            return !pods.entries.isEmpty
        }
        let name = pods.entries[0]
        try await bind(name)
        _ = try await client.patch(
            .pods, key(name), .merge(["metadata": ["labels": ["security.istio.io/tlsMode": "istio"]]]),
            fieldManager: "kubelet")
        try await tell(name, address: address, isReady: true)
        return name
    }

    /// A node on which Pods are for the time of `body`, with a kubelet's heart-beat.
    func withNode(_ body: () async throws -> Void) async throws {
        let node = UnstructuredObject([
            "apiVersion": "v1", "kind": "Node",
            "metadata": [
                "name": .string(namespace),
                "labels": ["topology.kubernetes.io/region": "r1", "topology.kubernetes.io/zone": "z1"],
            ],
        ])
        _ = try await client.create(.nodes, node, fieldManager: "kubelet")
        let result: Result<Void, any Error>
        let heart = Task {
            while !Task.isCancelled {
                try? await beat()
                try? await Task.sleep(for: .seconds(5))
            }
        }
        do { result = .success(try await body()) } catch { result = .failure(error) }
        heart.cancel()
        await heart.value
        _ = try? await client.delete(.nodes, ObjectKey(name: namespace))
        try result.get()
    }

    private func beat() async throws {
        let now = Date.now.ISO8601Format()
        let status: JSONValue = [
            "conditions": [
                [
                    "type": "Ready", "status": "True", "lastHeartbeatTime": .string(now),
                    "lastTransitionTime": .string(now),
                ]
            ]
        ]
        _ = try await client.patch(
            .nodes, ObjectKey(name: namespace), .merge(["status": status]), fieldManager: "kubelet",
            subresource: "status")
    }

    /// Puts a Pod on the node, as a scheduler does.
    private func bind(_ pod: String) async throws {
        guard try await client.get(.pods, key(pod)).json["spec", "nodeName"] == nil else { return }
        let binding: JSONValue = [
            "apiVersion": "v1", "kind": "Binding", "metadata": ["name": .string(pod)],
            "target": ["apiVersion": "v1", "kind": "Node", "name": .string(namespace)],
        ]
        let path = "/api/v1/namespaces/\(namespace)/pods/\(pod)/binding"
        let answer = try await client.raw("POST", path: path, body: binding.jsonBytes)
        try #require(answer.status < 300, "\(String(decoding: answer.bytes, as: UTF8.self))")
    }

    /// Says whether a Pod is ready.
    func tell(_ pod: String, address: String, isReady: Bool) async throws {
        let status: JSONValue = [
            "phase": "Running", "podIP": .string(address), "podIPs": [["ip": .string(address)]],
            "conditions": [["type": "Ready", "status": isReady ? "True" : "False"]],
        ]
        _ = try await client.patch(
            .pods, key(pod), .merge(["status": status]), fieldManager: "kubelet", subresource: "status")
    }

    func key(_ name: String) -> ObjectKey { ObjectKey(namespace: namespace, name: name) }

    /// The node id of a Pod's sidecar.
    func nodeID(_ pod: String, at address: String) -> String {
        "sidecar~\(address)~\(pod).\(namespace)~\(namespace).svc.cluster.local"
    }

    /// Certificates of all its workloads in one, as files where sidecars look for them until an agent gives each its own.
    func writeSecrets(to folder: TestFolder) throws {
        let accounts = ["productpage", "details", "reviews", "ratings"]
        let identity = try TestAuthority().workload(
            accounts.map { "spiffe://cluster.local/ns/\(namespace)/sa/bookinfo-\($0)" })
        let secrets: [Envoy_Extensions_TransportSockets_Tls_V3_Secret] = [
            .with {
                $0.name = "default"
                $0.tlsCertificate.certificateChain.inlineString = identity.certificate
                $0.tlsCertificate.privateKey.inlineString = identity.privateKey
            },
            .with {
                $0.name = "ROOTCA"
                $0.validationContext.trustedCa.inlineString = identity.root
            },
        ]
        for secret in secrets {
            let response = try Envoy_Service_Discovery_V3_DiscoveryResponse.with {
                $0.versionInfo = "1"
                $0.typeURL = Envoy_Extensions_TransportSockets_Tls_V3_Secret.typeURL
                $0.resources = [try .init(packing: secret)]
            }
            try folder.write(response.stableBytes(), to: ConfigSources.fileName(for: secret.name))
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
    }
}
