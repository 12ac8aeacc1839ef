import KubernetesModel
import Testing

@testable import SidecarInjector

@Suite struct WorkloadReferenceTests {
    private func workload(
        _ kind: String, _ name: String, labels: [String: String] = [:], generateName: String = "x-"
    ) -> WorkloadReference {
        let pod: JSONValue = [
            "metadata": [
                "name": "x-abc", "generateName": .string(generateName), "labels": JSONValue(labels),
                "ownerReferences": [
                    ["apiVersion": "v9", "kind": .string(kind), "name": .string(name), "controller": true]
                ],
            ]
        ]
        return WorkloadReference(controllerOf: pod, namespace: "ns")
    }

    @Test func aReplicaSetIsOfADeployment() {
        let found = workload("ReplicaSet", "web-5d4c", labels: ["pod-template-hash": "5d4c"])
        #expect(found == WorkloadReference(apiVersion: "v9", kind: "Deployment", name: "web", namespace: "ns"))
    }

    @Test func aReplicaSetByItselfIsOne() {
        #expect(workload("ReplicaSet", "web-5d4c").kind == "ReplicaSet")
        #expect(workload("ReplicaSet", "web", labels: ["pod-template-hash": "5d4c"]).name == "web")
    }

    @Test func aJobOfACronJob() {
        #expect(workload("Job", "report-28401234").kind == "CronJob")
        #expect(workload("Job", "report-28401234").name == "report")
        #expect(workload("Job", "report-1234").kind == "Job")
        #expect(workload("Job", "28401234").kind == "Job")
    }

    @Test func othersAreThemselves() {
        #expect(workload("StatefulSet", "zk").ownerURL == "kubernetes://apis/v9/namespaces/ns/statefulsets/zk")
        #expect(workload("Rollout", "r", labels: ["rollouts-pod-template-hash": "1"]).kind == "Rollout")
        #expect(
            workload("ReplicationController", "dc-1", labels: ["deploymentconfig": "dc"]).kind == "DeploymentConfig")
    }

    @Test func aPodWithANameOfItsOwnIsItsOwnWorkload() {
        #expect(workload("StatefulSet", "zk", generateName: "").name == "x-abc")
    }
}
