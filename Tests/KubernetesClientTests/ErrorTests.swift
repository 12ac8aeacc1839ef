import KubernetesModel
import Testing

@testable import KubernetesClient

@Suite struct APIErrorTests {
    @Test func readsAStatusObject() {
        let body = """
            {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",
             "message":"Deployment.apps \\"x\\" is invalid","reason":"Invalid",
             "details":{"name":"x","causes":[
               {"reason":"FieldValueRequired","message":"Required value","field":"spec.selector"}],
               "retryAfterSeconds":7},"code":422}
            """
        let error = APIError(
            status: 422, body: Array(body.utf8), retryAfter: nil, request: "CREATE deployments.apps a/x")
        #expect(error.isInvalid)
        #expect(error.reason == "Invalid")
        #expect(error.retryAfterSeconds == 7)
        #expect(
            error.causes == [
                APIError.Cause(field: "spec.selector", reason: "FieldValueRequired", message: "Required value")
            ])
        #expect(
            error.description
                == "CREATE deployments.apps a/x: the API server answered 422 Invalid: Deployment.apps \"x\" is invalid")
    }

    @Test func takesTheWordsOfAProxyThatKnowsNoStatusObjects() {
        let error = APIError(
            status: 502, body: Array("<html>\n<b>bad gateway</b>\n</html>".utf8), retryAfter: nil,
            request: "GET pods a/b")
        #expect(error.message == "<html> <b>bad gateway</b> </html>")
        #expect(error.isRetryable)
    }

    @Test func theHeaderSaysWhenToComeBack() {
        let error = APIError(
            status: 429, body: Array("Too many requests\n".utf8), retryAfter: "5", request: "GET pods a/b")
        #expect(error.retryAfterSeconds == 5)
        #expect(error.isTooManyRequests)
    }

    @Test func anEmptyAnswerStillSaysSomething() {
        let error = APIError(status: 403, body: [], retryAfter: nil, request: "GET secrets a/b")
        #expect(
            error.description == "GET secrets a/b: the API server answered 403: not allowed. "
                + "Grant it by a Role or ClusterRole bound to this user")
    }

    @Test func tellsTheTwoKindsOf409Apart() {
        let exists = APIError(status: 409, reason: "AlreadyExists", message: "", request: "")
        let conflict = APIError(status: 409, reason: "Conflict", message: "", request: "")
        #expect(exists.isAlreadyExists && !exists.isConflict)
        #expect(conflict.isConflict && !conflict.isAlreadyExists)
    }
}

@Suite struct ApplyConflictTests {
    let key = ObjectKey(namespace: "istio-system", name: "istiod")

    private func error(causes: [APIError.Cause]) -> APIError {
        APIError(status: 409, reason: "Conflict", message: "Apply failed", causes: causes, request: "APPLY")
    }

    @Test func namesTheFieldsAndTheirOwners() throws {
        let error = error(causes: [
            .init(
                field: ".spec.replicas", reason: "FieldManagerConflict", message: "conflict with \"hpa\" using apps/v1"),
            .init(
                field: ".metadata.labels.a", reason: "FieldManagerConflict",
                message: "conflict with \"kubectl-edit\" with subresource \"x\" using v1 at 2026-01-02T03:04:05Z"),
        ])
        let conflict = try #require(ApplyConflict(error, kind: "Deployment", object: key, manager: "apus"))
        #expect(conflict.owners == [".spec.replicas": "hpa", ".metadata.labels.a": "kubectl-edit"])
        #expect(
            conflict.description
                == "cannot apply Deployment istio-system/istiod as \"apus\": "
                + ".metadata.labels.a (owned by \"kubectl-edit\"), .spec.replicas (owned by \"hpa\"). "
                + "Leave the field out of what is applied, or have its owner release it.")
    }

    @Test func anOutdatedVersionIsNoConflictOfManagers() {
        #expect(ApplyConflict(error(causes: []), kind: "Deployment", object: key, manager: "apus") == nil)
    }
}

@Suite struct SecretTests {
    @Test func noWayOfPrintingShowsIt() {
        let token = "s3cr3t-t0ken"
        let configuration = ClientConfiguration(
            server: "https://127.0.0.1:6443", credential: .token(Secret(token)),
            clientCertificate: .inline(certificate: [], key: Secret(Array(token.utf8))))
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains(token))
            #expect(!text.contains("115, 51, 99"))  // nor as bytes
        }
    }
}

@Suite struct TransportErrorTests {
    @Test func saysWhatWasTriedWhatStoppedItAndWhatToDo() {
        let error = TransportError(
            .unreachable, server: "https://10.0.0.1:6443", request: "GET pods a/b", cause: "connection refused")
        #expect(
            error.description == "GET pods a/b: cannot reach the API server at https://10.0.0.1:6443: "
                + "connection refused. Check that it runs and that the address in the kubeconfig is right")
    }
}
