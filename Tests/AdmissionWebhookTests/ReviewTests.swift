import KubernetesModel
import Testing

@testable import AdmissionWebhook

/// From the API server's question to its answer.
@Suite struct ReviewTests {
    private static func review(_ version: String, uid: JSONValue = "u-1", object: JSONValue = ["kind": "Pod"])
        -> [UInt8]
    {
        let review: JSONValue = [
            "apiVersion": .string("admission.k8s.io/\(version)"), "kind": "AdmissionReview",
            "request": [
                "uid": uid, "operation": "CREATE", "namespace": "shop", "dryRun": true,
                "kind": ["group": "", "version": "v1", "kind": "Pod"], "object": object,
                "resource": ["group": "", "version": "v1", "resource": "pods"],
            ],
        ]
        return review.jsonBytes
    }

    @Test(arguments: ["v1", "v1beta1"]) func readsAQuestionAndAnswersInItsVersion(_ version: String) throws {
        let request = try AdmissionRequest(parsing: Self.review(version))
        #expect(request.uid == "u-1")
        #expect(request.namespace == "shop")
        #expect(request.resource == "pods")
        #expect(request.isDryRun)
        #expect(request.kind == GroupVersionKind(group: "", version: "v1", kind: "Pod"))
        let patch: [JSONValue] = [["op": "add", "path": "/x", "value": "é"]]
        let answer = AdmissionVerdict.allowed(patch: patch, warnings: ["w"]).review(answering: request)
        #expect(answer["apiVersion"]?.string == "admission.k8s.io/\(version)")
        #expect(answer["kind"] == "AdmissionReview")
        #expect(answer["response", "uid"] == "u-1")
        #expect(answer["response", "allowed"] == true)
        #expect(answer["response", "warnings"] == ["w"])
        #expect(answer["response", "patchType"] == "JSONPatch")
        // [{"op":"add","path":"/x","value":"é"}]
        #expect(answer["response", "patch"] == "W3sib3AiOiJhZGQiLCJwYXRoIjoiL3giLCJ2YWx1ZSI6IsOpIn1d")
    }

    @Test func saysWhyNot() throws {
        let request = try AdmissionRequest(parsing: Self.review("v1"))
        let answer = AdmissionVerdict.denied(message: "no").review(answering: request)
        #expect(answer["response", "allowed"] == false)
        #expect(answer["response", "status", "message"] == "no")
        #expect(answer["response", "patch"] == nil)
        #expect(AdmissionVerdict.allowed().review(answering: request)["response", "patchType"] == nil)
    }

    @Test(arguments: [
        "", "{", "[]", "null", "{}", "{\"apiVersion\":\"admission.k8s.io/v2\",\"kind\":\"AdmissionReview\"}",
        "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\"}",
        "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{\"uid\":\"\"}}",
        "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{\"uid\":7}}",
    ])
    func whatIsNoQuestionIsRefused(_ body: String) {
        #expect(throws: AdmissionReviewError.self) { try AdmissionRequest(parsing: Array(body.utf8)) }
    }

    @Test(arguments: [
        ("", [:]), ("cluster/c1/net/n1", ["ISTIO_META_CLUSTER_ID": "c1", "ISTIO_META_NETWORK": "n1"]),
        ("cluster/c1/net/n1/", ["ISTIO_META_CLUSTER_ID": "c1", "ISTIO_META_NETWORK": "n1"]),
        ("cluster/a--slash--b/my_env/v", ["ISTIO_META_CLUSTER_ID": "a/b", "MY_ENV": "v"]),
        ("cluster/c1/net", ["ISTIO_META_CLUSTER_ID": "c1"]),
        (":ENV:cluster=a/b:ENV:X=1=2:ENV:Y=", ["ISTIO_META_CLUSTER_ID": "a/b", "X": "1=2", "Y": ""]),
        (":ENV:=v:ENV:broken:ENV:A=b", ["A": "b"]), ("net/a%20b", ["ISTIO_META_NETWORK": "a b"]),
    ])
    func readsTheEnvironmentOfAPath(_ path: String, _ environment: [String: String]) {
        #expect(injectionEnvironment(ofPath: path) == environment)
    }
}
