import KubernetesModel
import Testing

@Suite struct APIResourceTests {
    @Test func namesCollectionsAndObjects() {
        let pods = APIResource.pods
        #expect(pods.path() == "/api/v1/pods")
        #expect(pods.path(namespace: "a") == "/api/v1/namespaces/a/pods")
        #expect(pods.path(namespace: "a", name: "b") == "/api/v1/namespaces/a/pods/b")
        #expect(pods.path(namespace: "a", name: "b", subresource: "eviction") == "/api/v1/namespaces/a/pods/b/eviction")
        let operators = APIResource.istioOperators
        #expect(
            operators.path(namespace: "a", name: "b", subresource: "status")
                == "/apis/install.istio.io/v1alpha1/namespaces/a/istiooperators/b/status")
    }

    @Test func leavesTheNamespaceOutWhereThereIsNone() {
        #expect(APIResource.namespaces.path(namespace: "a", name: "a") == "/api/v1/namespaces/a")
        #expect(
            APIResource.clusterRoles.path(namespace: "a", name: "system:node")
                == "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node")
    }

    @Test func keepsNamesWithinTheirSegment() {
        #expect(APIResource.clusterRoles.path(name: "a/../b?c#d").hasSuffix("/clusterroles/a%2F..%2Fb%3Fc%23d"))
        #expect(APIResource.pods.path(namespace: "a/../b", name: "c") == "/api/v1/namespaces/a%2F..%2Fb/pods/c")
    }

    /// To delete `/api/v1/namespaces/a/pods/` is to delete all of them.
    @Test(arguments: ["", ".", ".."])
    func givesNoCollectionForANameThatNothingHas(_ name: String) {
        #expect(APIResource.pods.path(namespace: "a", name: name) == "/api/v1/namespaces/a/pods/%00")
    }

    @Test(arguments: [
        ("aZ09-._~:", "aZ09-._~:"), ("a b+c", "a%20b%2Bc"), ("100%", "100%25"),
        ("\u{E9}\u{1F600}", "%C3%A9%F0%9F%98%80"),
        ("\n\u{0}", "%0A%00"), ("a=b,c in (d)", "a%3Db%2Cc%20in%20%28d%29"), ("&;@'\"", "%26%3B%40%27%22"), ("", ""),
    ])
    func escapesBytes(_ text: String, _ escaped: String) {
        #expect(text.percentEncodedPathSegment == escaped)
    }

    @Test func saysWhatItIs() {
        #expect(APIResource.deployments.description == "deployments.apps")
        #expect(APIResource.pods.description == "pods")
        #expect(APIResource.deployments.apiVersion == "apps/v1")
        #expect(APIResource.pods.apiVersion == "v1")
        #expect(
            APIResource.horizontalPodAutoscalers("v2beta2").path()
                == "/apis/autoscaling/v2beta2/horizontalpodautoscalers")
        #expect(APIResource.podDisruptionBudgets("v1").groupVersionKind.description == "policy/v1 PodDisruptionBudget")
        #expect(APIResource.endpointSlices("v1beta1").groupKind.description == "EndpointSlice.discovery.k8s.io")
    }
}
