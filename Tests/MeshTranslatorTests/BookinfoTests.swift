import Foundation
import KubernetesModel
import MeshModel
import MeshTesting
import MeshTranslator
import Testing

/// Bookinfo's public manifests, with Pods and EndpointSlices as a cluster would add them.
private enum Bookinfo {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "shared/reference/data/samples/bookinfo/kube")
    static let isPresent = FileManager.default.fileExists(atPath: folder.path)

    /// The manifests' Services, each Deployment with one Pod, and the endpoints of that.
    static func objects(_ file: String) throws -> [JSONValue] {
        let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
        let written = try JSONValue.documents(yaml: text)
        let deployments = written.filter { $0["kind"] == "Deployment" }
        let pods = deployments.enumerated().map { index, deployment in pod(of: deployment, number: index + 1) }
        let services = written.filter { $0["kind"] == "Service" }
        return written + pods + services.map { slice(of: $0, pods) }
    }

    private static func pod(of deployment: JSONValue, number: Int) -> JSONValue {
        let name = deployment["metadata", "name"]?.string ?? ""
        var labels = deployment["spec", "template", "metadata", "labels"] ?? [:]
        labels["pod-template-hash"] = "abc"
        labels["security.istio.io/tlsMode"] = "istio"
        return [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": [
                "name": "\(name)-abc-\(number)", "namespace": "default", "labels": labels,
                "ownerReferences": [
                    [
                        "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "\(name)-abc", "uid": "u",
                        "controller": true,
                    ]
                ],
            ],
            "spec": deployment["spec", "template", "spec"] ?? [:],
            "status": ["phase": "Running", "podIP": "10.9.0.\(number)"],
        ]
    }

    private static func slice(of service: JSONValue, _ pods: [JSONValue]) -> JSONValue {
        let name = service["metadata", "name"]?.string ?? ""
        let selector = service["spec", "selector"]?.object ?? [:]
        let chosen = pods.filter { pod in
            selector.allSatisfy { pod["metadata", "labels"]?[$0.key] == $0.value }
        }
        return [
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
            "metadata": [
                "name": "\(name)-x", "namespace": "default", "labels": ["kubernetes.io/service-name": .string(name)],
            ],
            "addressType": "IPv4",
            "ports": .array(
                (service["spec", "ports"]?.array ?? []).map {
                    ["name": $0["name"] ?? "", "port": $0["targetPort"] ?? $0["port"] ?? 0]
                }),
            "endpoints": .array(
                chosen.map { pod in
                    [
                        "addresses": [pod["status", "podIP"] ?? ""], "conditions": ["ready": true],
                        "targetRef": ["kind": "Pod", "name": pod["metadata", "name"] ?? "", "namespace": "default"],
                    ]
                }),
        ]
    }

    static func snapshot(_ objects: [JSONValue]) -> MeshSnapshot {
        var cluster = ClusterObjects()
        for object in objects { #expect(cluster.add(UnstructuredObject(object)) ?? [] == []) }
        let translation = MeshTranslation(cluster)
        #expect(translation.diagnostics == [:])
        return translation.snapshot
    }
}

@Suite(.enabled(if: Bookinfo.isPresent)) struct BookinfoTests {
    private let reviews = ServiceKey(hostname: "reviews.default.svc.cluster.local", namespace: "default")

    @Test func fourServicesAreServedBySixPods() throws {
        let snapshot = Bookinfo.snapshot(try Bookinfo.objects("bookinfo.yaml"))
        #expect(snapshot.services.values.map(\.name).sorted() == ["details", "productpage", "ratings", "reviews"])
        for service in snapshot.services.values {
            #expect(service.ports == [ServicePort(name: "http", number: 9080, meshProtocol: .http)])
        }
        #expect(snapshot.workloads.count == 6)
        let endpoints = try #require(snapshot.endpoints[EndpointKey(service: reviews, portName: "http")])
        #expect(endpoints.endpoints.compactMap { $0.labels["version"] } == ["v1", "v2", "v3"])
        #expect(endpoints.endpoints.map(\.workloadName) == ["reviews-v1", "reviews-v2", "reviews-v3"])
        #expect(endpoints.endpoints.allSatisfy { $0.isMutualTLS })
        #expect(
            endpoints.identities == [WorkloadIdentity(namespace: "default", serviceAccount: "bookinfo-reviews")])
    }

    @Test func aSidecarServesItsOwnService() throws {
        let snapshot = Bookinfo.snapshot(try Bookinfo.objects("bookinfo.yaml"))
        let pod = try #require(snapshot.workloads.values.first { $0.workloadName == "reviews-v2" })
        let proxy = try Proxy(
            ProxyNode(
                id: "sidecar~\(pod.addresses[0])~\(pod.name).default~default.svc.cluster.local",
                metadata: ["LABELS": JSONValue(pod.labels)]))
        let port = ServicePort(name: "http", number: 9080, meshProtocol: .http)
        #expect(
            snapshot.view(of: proxy).inbound
                == [ServiceInstance(service: reviews, serviceName: "reviews", port: port, targetPort: 9080)])
    }

    @Test(arguments: ["bookinfo.yaml", "bookinfo-dualstack.yaml", "bookinfo-db.yaml", "bookinfo-mysql.yaml"])
    func orderDoesNotShow(file: String) throws {
        var objects = try Bookinfo.objects(file)
        let snapshot = Bookinfo.snapshot(objects)
        #expect(!snapshot.services.isEmpty)
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<10 {
            objects.shuffle(using: &generator)
            #expect(Bookinfo.snapshot(objects) == snapshot)
        }
    }

    @Test(arguments: [("bookinfo-db.yaml", MeshProtocol.mongo), ("bookinfo-mysql.yaml", .tcp)])
    func databasesAreSpokenTo(file: String, expected: MeshProtocol) throws {
        let snapshot = Bookinfo.snapshot(try Bookinfo.objects(file))
        #expect(snapshot.services.values.flatMap(\.ports).map(\.meshProtocol) == [expected])
    }
}
