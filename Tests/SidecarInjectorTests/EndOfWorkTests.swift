import KubernetesModel
import Testing

@testable import SidecarInjector

@Suite struct EndOfWorkTests {
    private func job(_ spec: JSONValue, annotations: [String: String] = [:], kind: String = "Job") -> JSONValue {
        var pod = pod(annotations: annotations, spec: spec)
        pod["metadata", "generateName"] = "report-"
        pod["metadata", "ownerReferences"] = [
            ["apiVersion": "batch/v1", "kind": .string(kind), "name": "report", "controller": true]
        ]
        return pod
    }

    private func policy(_ pod: JSONValue, isNative: Bool = false) throws -> String? {
        let result = try #require(try injected(pod, try settings(isNative: isNative)))
        let policy = result.container("istio-proxy")?.variableText("EXIT_WITH_APPLICATION")
        #expect((result["spec"]?["shareProcessNamespace"] == true) == (policy != nil))
        return policy
    }

    @Test(arguments: ["Never", "OnFailure"])
    func theAgentOfAJobSeesItsEnd(_ restarts: String) throws {
        #expect(try policy(job(["restartPolicy": .string(restarts)])) == restarts)
    }

    @Test func nobodyElsesDoes() throws {
        #expect(try policy(job(["restartPolicy": "Never"]), isNative: true) == nil)
        #expect(try policy(job(["restartPolicy": "Never"], kind: "Workflow")) == nil)
        #expect(try policy(pod(spec: ["restartPolicy": "Never"])) == nil)
        #expect(try policy(job(["restartPolicy": "Always"])) == nil)
    }

    @Test func aPodMaySaySo() throws {
        let says = ["apus.dev/end-with-work": "true"]
        #expect(try policy(pod(annotations: says, spec: ["restartPolicy": "Never"])) == "Never")
    }

    @Test(
        arguments: [
            (["shareProcessNamespace": false], [:]), (["hostPID": true], [:]),
            ([:], ["apus.dev/end-with-work": "false"]),
        ] as [(JSONValue, [String: String])])
    func aPodMayStayOutOfIt(spec: JSONValue, annotations: [String: String]) throws {
        let pod = job(spec.merging(["restartPolicy": "Never"]), annotations: annotations)
        #expect(try policy(pod) == nil)
    }
}
