import KubernetesModel
import OperatorControllers
import Testing

@Suite struct ReadinessTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var what: String
        var object: UnstructuredObject
        var expected: Readiness
        var testDescription: String { what }
    }

    private static func deployment(_ status: JSONValue, replicas: JSONValue? = 2, generation: Int64 = 3)
        -> UnstructuredObject
    {
        var fields: JSONValue = ["metadata": ["generation": .integer(generation)], "status": status]
        if let replicas { fields["spec", "replicas"] = replicas }
        return object(.deployment("istiod"), fields)
    }

    private static func ofKind(_ group: String, _ kind: String, _ fields: JSONValue) -> UnstructuredObject {
        object(ObjectReference(GroupKind(group: group, kind: kind), ObjectKey(namespace: "ns", name: "x")), fields)
    }

    private static let done: JSONValue = [
        "observedGeneration": 3, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2,
    ]

    static let cases: [Case] = [
        Case(what: "a complete Deployment", object: deployment(done), expected: .ready),
        Case(
            what: "a Deployment nobody looked at yet", object: deployment([:]),
            expected: .waiting("its latest change is not observed yet")),
        Case(
            what: "a Deployment whose change is not seen yet", object: deployment(done, generation: 4),
            expected: .waiting("its latest change is not observed yet")),
        Case(
            what: "old replicas only", object: deployment(done.merging(["updatedReplicas": 1])),
            expected: .waiting("1 of 2 replicas updated")),
        Case(
            what: "replicas that do not answer", object: deployment(done.merging(["availableReplicas": 1])),
            expected: .waiting("1 of 2 replicas available")),
        Case(
            what: "old replicas that end", object: deployment(done.merging(["replicas": 3])),
            expected: .waiting("1 old replicas still end")),
        Case(
            what: "no number of replicas means one",
            object: deployment(
                ["observedGeneration": 3, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1], replicas: nil),
            expected: .ready),
        Case(
            what: "scaled to nothing", object: deployment(["observedGeneration": 3], replicas: 0), expected: .ready),
        Case(
            what: "a quota in the way",
            object: deployment([
                "observedGeneration": 3,
                "conditions": [
                    ["type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated", "message": "on its way"],
                    [
                        "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
                        "message": "exceeded quota",
                    ],
                ],
            ]), expected: .waiting("0 of 2 replicas updated (FailedCreate: exceeded quota)")),
        Case(
            what: "no progress",
            object: deployment(
                done.merging([
                    "availableReplicas": 0,
                    "conditions": [
                        [
                            "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
                            "message": "timed out",
                        ]
                    ],
                ])), expected: .waiting("0 of 2 replicas available (ProgressDeadlineExceeded: timed out)")),
        Case(
            what: "a complete DaemonSet",
            object: ofKind(
                "apps", "DaemonSet",
                ["status": ["desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 2]]),
            expected: .ready),
        Case(
            what: "a DaemonSet under way",
            object: ofKind(
                "apps", "DaemonSet",
                ["status": ["desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 1]]),
            expected: .waiting("1 of 2 Pods updated and available")),
        Case(
            what: "an established definition",
            object: ofKind(
                "apiextensions.k8s.io", "CustomResourceDefinition",
                ["status": ["conditions": [["type": "Established", "status": "True"]]]]), expected: .ready),
        Case(
            what: "a new definition", object: ofKind("apiextensions.k8s.io", "CustomResourceDefinition", [:]),
            expected: .waiting("it is not established yet")),
        Case(
            what: "a definition whose names are taken",
            object: ofKind(
                "apiextensions.k8s.io", "CustomResourceDefinition",
                [
                    "status": [
                        "conditions": [
                            ["type": "NamesAccepted", "status": "False", "message": "\"io\" is taken"],
                            ["type": "Established", "status": "True"],
                        ]
                    ]
                ]), expected: .waiting("its names are not accepted: \"io\" is taken")),
        Case(what: "a namespace", object: object(.namespace("n"), ["status": ["phase": "Active"]]), expected: .ready),
        Case(
            what: "a namespace that goes", object: object(.namespace("n"), ["status": ["phase": "Terminating"]]),
            expected: .waiting("it is being deleted")),
        Case(what: "anything else", object: object(.configMap("c")), expected: .ready),
    ]

    @Test(arguments: cases)
    func isReadFromTheStatus(_ testCase: Case) {
        #expect(Readiness(of: testCase.object) == testCase.expected)
    }
}
