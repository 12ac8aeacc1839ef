import KubernetesModel
import Testing

@testable import AdmissionWebhook

/// What the control plane writes into webhook configurations, and what it leaves to others.
@Suite struct WebhookFieldsTests {
    /// A configuration of one webhook.
    ///
    /// - Parameter owners: Fields by who applied them.
    private func configuration(
        bundle: String = "", policy: String = "Fail", owners: [String: [String]] = [:]
    ) -> WebhookConfiguration {
        let managed = owners.map { manager, fields -> JSONValue in
            var own: JSONValue = [".": [:], "f:name": [:]]
            for field in fields {
                if field == "caBundle" { own["f:clientConfig"] = ["f:caBundle": [:]] } else { own["f:\(field)"] = [:] }
            }
            return [
                "manager": .string(manager), "operation": "Apply", "apiVersion": "admissionregistration.k8s.io/v1",
                "fieldsV1": ["f:webhooks": ["k:{\"name\":\"w.istio.io\"}": own]],
            ]
        }
        var webhook: JSONValue = [
            "name": "w.istio.io", "failurePolicy": .string(policy),
            "objectSelector": ["matchExpressions": [["key": "istio.io/rev", "operator": "In", "values": ["canary"]]]],
        ]
        if !bundle.isEmpty { webhook["clientConfig"] = ["caBundle": .string(bundle)] }
        return WebhookConfiguration(
            UnstructuredObject([
                "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
                "metadata": ["name": "v", "uid": "1", "managedFields": .array(managed)], "webhooks": [webhook],
            ]))
    }

    @Test func aNewConfigurationGetsTheRootAndItsPolicyIsTakenOver() throws {
        let fields = try #require(configuration(owners: ["istio-operator": ["failurePolicy"]]).fields(caBundle: "QQ=="))
        #expect(
            fields.json["webhooks"] == [
                ["name": "w.istio.io", "clientConfig": ["caBundle": "QQ=="], "failurePolicy": "Fail"]
            ])
        #expect(fields.kind == "ValidatingWebhookConfiguration")
        #expect(fields.name == "v")
    }

    @Test func nothingIsWrittenTwice() {
        let done = configuration(bundle: "QQ==", owners: ["pilot-discovery": ["caBundle", "failurePolicy"]])
        #expect(done.fields(caBundle: "QQ==") == nil)
        #expect(done.fields(caBundle: "QQ==", refusing: ["w.istio.io"]) == nil)
        #expect(done.fields(caBundle: "Qg==") != nil)
    }

    /// Who may only replace objects owns no parts of them: that the values are right is enough.
    @Test func ownershipIsNotInsistedOnWhereItCannotBeHad() throws {
        let right = configuration(bundle: "QQ==", owners: ["istio-operator": ["failurePolicy"]])
        #expect(right.fields(caBundle: "QQ==") != nil)
        #expect(right.fields(caBundle: "QQ==", isOwning: false) == nil)
        let fields = try #require(right.fields(caBundle: "Qg==", isOwning: false))
        let live = UnstructuredObject([
            "webhooks": [
                ["name": "w.istio.io", "clientConfig": ["caBundle": "QQ==", "url": "u"], "sideEffects": "None"],
                ["name": "other", "sideEffects": "None"],
            ]
        ])
        #expect(
            live.layingOver(fields).json["webhooks"] == [
                [
                    "name": "w.istio.io", "clientConfig": ["caBundle": "Qg==", "url": "u"], "sideEffects": "None",
                    "failurePolicy": "Fail",
                ], ["name": "other", "sideEffects": "None"],
            ])
    }

    @Test func aPolicyIsRaisedWhereTheServerRefuses() throws {
        let lenient = configuration(
            bundle: "QQ==", policy: "Ignore", owners: ["pilot-discovery": ["caBundle", "failurePolicy"]])
        #expect(lenient.fields(caBundle: "QQ==") == nil)
        let fields = try #require(lenient.fields(caBundle: "QQ==", refusing: ["w.istio.io"]))
        #expect(fields.json["webhooks"]?.array?.first?["failurePolicy"] == "Fail")
        #expect(lenient.webhooks.first?.revision == "canary")
    }

    /// Who names another root has a server behind another name: it is his to say.
    @Test func aDeclaredRootStays() throws {
        let foreign = configuration(bundle: "Wg==", owners: ["istio-operator": ["caBundle", "failurePolicy"]])
        let fields = try #require(foreign.fields(caBundle: "QQ=="))
        #expect(fields.json["webhooks"]?.array?.first?["clientConfig"] == nil)
        let stray = configuration(bundle: "Wg==")  // written by hand, not declared
        #expect(stray.fields(caBundle: "QQ==")?.json["webhooks"]?.array?.first?["clientConfig", "caBundle"] == "QQ==")
    }

    @Test(arguments: [
        ("canary", "anything", true), ("", "istio-validator-istio-system", true), ("other", "anything", false),
        ("", "anything", false),
    ])
    func aControlPlaneLooksAfterItsOwn(_ label: String, _ name: String, _ isIncluded: Bool) {
        let scope = WebhookUpkeep.Scope(
            revision: "canary", injectionName: "i", validationName: "istio-validator-istio-system")
        var candidate = configuration()
        candidate.key.name = name
        candidate.labels = label.isEmpty ? [:] : ["istio.io/rev": label]
        #expect(scope.includes(candidate) == isIncluded)
        var off = scope
        off.validationName = ""
        #expect(!off.includes(candidate))
    }
}
