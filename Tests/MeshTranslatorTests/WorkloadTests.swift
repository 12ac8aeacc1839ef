import KubernetesModel
import MeshModel
import MeshTranslator
import Testing

@Suite struct WorkloadTests {
    private func pod(_ metadata: String = "", spec: String = "{}", status: String = "{podIP: 10.0.0.1}") throws
        -> Workload?
    {
        let objects = try clusterObjects(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: p, namespace: shop\(metadata)}
            spec: \(spec)
            status: \(status)
            """)
        return workload(of: try #require(objects.pods.values.first), on: nil, in: MeshSettings())
    }

    @Test func aPodIsAWorkload() throws {
        let workload = try pod(
            ", labels: {app: web, version: v2, istio-locality: r.z.s}",
            spec: """
                {nodeName: n1, serviceAccountName: web, containers: [{ports: [{name: http, containerPort: 80}]}],
                 initContainers: [{restartPolicy: Always, ports: [{name: side, containerPort: 81}]},
                                  {ports: [{name: gone, containerPort: 82}]}]}
                """,
            status: "{phase: Running, podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}, {ip: 'fd00::1'}]}")
        var expected = Workload(
            name: "p", namespace: "shop", addresses: ["10.0.0.1", "fd00::1"],
            labels: ["app": "web", "version": "v2", "istio-locality": "r.z.s"])
        expected.serviceAccount = "web"
        expected.clusterID = "Kubernetes"
        expected.locality = Locality(region: "r", zone: "z", subzone: "s")
        expected.node = "n1"
        expected.isReady = false
        expected.namedPorts = ["http": 80, "side": 81]
        #expect(workload == expected)
        #expect(workload?.canonicalName == "web")
        #expect(workload?.canonicalRevision == "v2")
    }

    @Test(arguments: ["{}", "{phase: Succeeded, podIP: 10.0.0.1}", "{phase: Failed, podIP: 10.0.0.1}"])
    func withoutAnAddressOfItsOwnThereIsNone(status: String) throws {
        #expect(try pod(status: status) == nil)
    }

    @Test(arguments: [
        ("ReplicaSet", "web-5d4f", "5d4f", "web"), ("ReplicaSet", "web-5d4f", "", "web-5d4f"),
        ("StatefulSet", "zk", "", "zk"), ("Job", "backup-27654321", "", "backup"), ("Job", "backup-1", "", "backup-1"),
        ("Job", "-27654321", "", "-27654321"), ("DaemonSet", "agent", "", "agent"),
    ])
    func ownersNameIt(kind: String, owner: String, hash: String, expected: String) throws {
        let labels = hash.isEmpty ? "{}" : "{pod-template-hash: '\(hash)'}"
        let reference = "[{apiVersion: x/v1, kind: \(kind), name: '\(owner)', uid: u, controller: true}]"
        #expect(try pod(", labels: \(labels), ownerReferences: \(reference)")?.workloadName == expected)
    }

    @Test func portsThatAreNoneAreNone() throws {
        let ports = "[{name: low, containerPort: 0}, {name: far, containerPort: 65536}, {name: good, containerPort: 1}]"
        #expect(try pod(spec: "{containers: [{ports: \(ports)}]}")?.namedPorts == ["good": 1])
    }

    @Test func labelsNameIt() throws {
        let workload = try pod(
            ", labels: {service.istio.io/workload-name: w, app: a, app.kubernetes.io/name: n}")
        #expect(workload?.workloadName == "w")
        #expect(workload?.canonicalName == "n")
        #expect(workload?.canonicalRevision == "latest")
    }

    @Test func anAddressBelongsToThePodThatStays() throws {
        var old = Workload(name: "a", namespace: "n", addresses: ["10.0.0.1"])
        let new = Workload(name: "b", namespace: "n", addresses: ["10.0.0.1"])
        var host = Workload(name: "c", namespace: "n", addresses: ["10.0.0.1"])
        host.usesHostNetwork = true
        var directory = WorkloadDirectory([old.origin.key: old, new.origin.key: new, host.origin.key: host])
        #expect(directory.byAddress["10.0.0.1"]?.name == "a")
        old.isReady = false
        directory[old.origin.key] = old
        #expect(directory.byAddress["10.0.0.1"]?.name == "b")
        old.isReady = true
        old.isBeingDeleted = true
        directory[old.origin.key] = old
        #expect(directory.byAddress["10.0.0.1"]?.name == "b")
        directory[new.origin.key] = nil
        #expect(directory.byAddress["10.0.0.1"]?.name == "a")
        directory[old.origin.key] = nil
        #expect(directory.byAddress["10.0.0.1"] == nil)
    }
}
