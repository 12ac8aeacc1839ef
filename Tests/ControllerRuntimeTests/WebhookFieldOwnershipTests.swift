import ControllerRuntime
import KubernetesModel
import Testing

/// Who installs leaves to the control plane what is the control plane's.
@Suite struct WebhookFieldOwnershipTests {
    private func live(_ owned: [String: JSONValue], kind: String = "MutatingWebhookConfiguration") -> UnstructuredObject
    {
        UnstructuredObject([
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": .string(kind),
            "metadata": [
                "name": "m",
                "managedFields": [
                    [
                        "manager": "pilot-discovery", "operation": "Apply",
                        "apiVersion": "admissionregistration.k8s.io/v1",
                        "fieldsV1": ["f:webhooks": ["k:{\"name\":\"a\"}": .object(owned)]],
                    ]
                ],
            ],
        ])
    }

    private let desired = UnstructuredObject([
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
        "metadata": ["name": "m"],
        "webhooks": [
            ["name": "a", "failurePolicy": "Fail", "clientConfig": ["caBundle": "QQ==", "url": "https://x"]],
            ["name": "b", "failurePolicy": "Fail"],
        ],
    ])

    @Test func fieldsOfTheControlPlaneAreLeftOut() {
        let all = live(["f:failurePolicy": [:], "f:clientConfig": ["f:caBundle": [:]]])
        #expect(
            desired.leavingWebhookFields(toOthersIn: all).json["webhooks"] == [
                ["name": "a", "clientConfig": ["url": "https://x"]], ["name": "b", "failurePolicy": "Fail"],
            ])
        let bundle = live(["f:clientConfig": ["f:caBundle": [:]]])
        #expect(
            desired.leavingWebhookFields(toOthersIn: bundle).json["webhooks"]?.array?.first
                == ["name": "a", "failurePolicy": "Fail", "clientConfig": ["url": "https://x"]])
    }

    @Test func whatNobodyElseHasIsSent() {
        #expect(desired.leavingWebhookFields(toOthersIn: live([:])) == desired)
        let other = UnstructuredObject(["apiVersion": "v1", "kind": "ConfigMap", "webhooks": [["name": "a"]]])
        #expect(other.leavingWebhookFields(toOthersIn: live(["f:failurePolicy": [:]])) == other)
    }
}
