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
        let fields = try #require(
            configuration(owners: ["istio-operator": ["failurePolicy"]]).change(to: CABundle("QQ==")).fields)
        #expect(
            fields.json["webhooks"] == [
                ["name": "w.istio.io", "clientConfig": ["caBundle": "QQ=="], "failurePolicy": "Fail"]
            ])
        #expect(fields.kind == "ValidatingWebhookConfiguration")
        #expect(fields.name == "v")
    }

    @Test func nothingIsWrittenTwice() {
        let done = configuration(bundle: "QQ==", owners: ["pilot-discovery": ["caBundle", "failurePolicy"]])
        #expect(done.change(to: CABundle("QQ==")).fields == nil)
        #expect(done.change(to: CABundle("QQ=="), refusing: ["w.istio.io"]).fields == nil)
        #expect(done.change(to: CABundle("Qg==")).fields != nil)
    }

    /// Who may only replace objects owns no parts of them: that the values are right is enough.
    @Test func ownershipIsNotInsistedOnWhereItCannotBeHad() throws {
        let right = configuration(bundle: "QQ==", owners: ["istio-operator": ["failurePolicy"]])
        #expect(right.change(to: CABundle("QQ==")).fields != nil)
        #expect(right.change(to: CABundle("QQ=="), isOwning: false).fields == nil)
        let fields = try #require(right.change(to: CABundle("Qg=="), isOwning: false).fields)
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
        #expect(lenient.change(to: CABundle("QQ==")).fields == nil)
        let fields = try #require(lenient.change(to: CABundle("QQ=="), refusing: ["w.istio.io"]).fields)
        #expect(fields.json["webhooks"]?.array?.first?["failurePolicy"] == "Fail")
        #expect(lenient.webhooks.first?.revision == "canary")
    }

    /// Who names another root has a server behind another name: it is his to say.
    @Test func aDeclaredRootStays() throws {
        let foreign = configuration(bundle: "Wg==", owners: ["istio-operator": ["caBundle", "failurePolicy"]])
        let fields = try #require(foreign.change(to: CABundle("QQ==")).fields)
        #expect(fields.json["webhooks"]?.array?.first?["clientConfig"] == nil)
        let stray = configuration(bundle: "Wg==")  // written by hand, not declared
        #expect(
            stray.change(to: CABundle("QQ==")).fields?.json["webhooks"]?.array?.first?["clientConfig", "caBundle"]
                == "QQ==")
    }

    private static func bundle(_ names: String...) -> CABundle {
        CABundle(pem: names.map { "-----BEGIN CERTIFICATE-----\n\($0)\n-----END CERTIFICATE-----\n" }.joined())
    }

    private func trusted(_ change: WebhookChange) -> CABundle? {
        change.fields?.json["webhooks"]?.array?.first?["clientConfig", "caBundle"]?.string.map { CABundle($0) }
    }

    /// From A to B: both at first, whatever order the replicas go in; then B alone.
    @Test func aNewRootJoinsTheFormerOneForAWhile() throws {
        let (a, b) = (Self.bundle("A"), Self.bundle("B"))
        let ours = ["pilot-discovery": ["caBundle", "failurePolicy"]]
        let both = try #require(trusted(configuration(bundle: a.text, owners: ours).change(to: b)))
        #expect(both.covers(a) && both.covers(b))
        // Neither who knows of B alone nor who still knows of A alone has anything to write now.
        let joint = configuration(bundle: both.text, owners: ours)
        for known in [a, b] {
            #expect(joint.change(to: known) == WebhookChange(fields: nil, hasFormerRoots: true))
        }
        #expect(trusted(joint.change(to: b, keepsFormerRoots: false)) == b)
        // A policy that is raised meanwhile takes no root away.
        let raised = configuration(bundle: both.text, policy: "Ignore", owners: ours)
            .change(to: b, refusing: ["w.istio.io"])
        #expect(trusted(raised) == both)
        // Of the same roots in another order there is nothing to say.
        let turned = configuration(bundle: Self.bundle("B", "A").text, owners: ours)
        #expect(turned.change(to: Self.bundle("A", "B")) == WebhookChange())
    }

    /// Whoever installs says whom to trust until the control plane does: that is no other root.
    @Test func whatTheInstallerReadFromTheMeshIsTakenOver() {
        let (a, both) = (Self.bundle("A"), Self.bundle("A", "B"))
        let owners = ["istio-operator": ["caBundle", "failurePolicy"]]
        #expect(trusted(configuration(bundle: a.text, owners: owners).change(to: a)) == a)
        #expect(trusted(configuration(bundle: a.text, owners: owners).change(to: both)) == both)
        // Who trusts another one besides means it.
        #expect(trusted(configuration(bundle: both.text, owners: owners).change(to: a)) == nil)
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

    /// Roots that were never this mesh's are told of where they would be overwritten, or another one put beside them.
    @Test func otherMeshesRootsAreTold() {
        let others = configuration(bundle: "Qg==", owners: ["pilot-discovery": ["caBundle", "failurePolicy"]])
        for isOwning in [false, true] {
            let change = others.change(to: CABundle("QQ=="), isOwning: isOwning)
            #expect(change.fields != nil && change.isOverOthers)
            let former = others.change(to: CABundle("QQ=="), isOwning: isOwning, own: CABundle("Qg=="))
            #expect(former.fields != nil && !former.isOverOthers)
        }
        #expect(!configuration().change(to: CABundle("QQ==")).isOverOthers)
        // To own what is right already takes nothing away.
        let right = configuration(bundle: "QQ==").change(to: CABundle("QQ=="))
        #expect(right.fields != nil && !right.isOverOthers)
        let kept = configuration(bundle: "Qg==", owners: ["somebody": ["caBundle"]])
        #expect(!kept.change(to: CABundle("QQ==")).isOverOthers)
    }
}
