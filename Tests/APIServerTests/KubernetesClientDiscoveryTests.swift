import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Testing

@Suite(.realAPIServer, .timeLimit(.minutes(10))) struct KubernetesClientDiscoveryTests {
    @Test func knowsTheServersKinds() async throws {
        let client = try await TestCluster.shared.client
        let api = try await client.discover()
        for resource in [
            APIResource.namespaces, .pods, .configMaps, .deployments, .leases, .clusterRoles,
            .mutatingWebhookConfigurations, .customResourceDefinitions,
        ] {
            #expect(api.resource(for: resource.groupVersionKind) == resource)
        }
        #expect(api.resource(for: GroupKind(group: "apps", kind: "Deployment")) == .deployments)
        #expect(!api.serves(GroupVersionKind(group: "apps", version: "v1beta1", kind: "Deployment")))
        #expect(api.unavailable.keys.allSatisfy { $0.group == "broken.example.com" })  // of the test below
        let scaler = try #require(
            api.preferred("autoscaling", "HorizontalPodAutoscaler", among: ["v2", "v2beta2"]))
        #expect(scaler.plural == "horizontalpodautoscalers" && scaler.isNamespaced)
    }

    @Test func aBrokenAggregatedAPIDoesNotHideTheOthers() async throws {
        let client = try await TestCluster.shared.client
        let services = APIResource(
            group: "apiregistration.k8s.io", version: "v1", kind: "APIService", plural: "apiservices",
            isNamespaced: false)
        let broken = UnstructuredObject([
            "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
            "metadata": ["name": "v1.broken.example.com"],
            "spec": [
                "group": "broken.example.com", "version": "v1", "groupPriorityMinimum": 10, "versionPriority": 10,
                "insecureSkipTLSVerify": true, "service": ["name": "nobody", "namespace": "default"],
            ],
        ])
        _ = try await client.create(services, broken, fieldManager: "t")
        var api = try await client.discover()
        // The group is served once the aggregator has taken it up.
        while api.unavailable.isEmpty { api = try await client.discover() }
        _ = try await client.delete(services, broken.key)
        #expect(api.unavailable.keys.map(\.description) == ["broken.example.com/v1"])
        #expect(api.resource(for: APIResource.deployments.groupVersionKind) == .deployments)
    }

    @Test func knowsTheFieldsOfAKind() async throws {
        let client = try await TestCluster.shared.client
        let api = try await client.discover()
        let scaler = try #require(
            api.preferred("autoscaling", "HorizontalPodAutoscaler", among: ["v2", "v2beta2"])
        ).groupVersionKind
        let pod = APIResource.pods.groupVersionKind
        let none = GroupVersionKind(group: "nobody.example.com", version: "v1", kind: "Nothing")
        let trees = try await client.openAPIFields(of: [scaler, pod, none])
        #expect(Set(trees.keys) == [scaler, pod])

        let scalerFields = try #require(trees[scaler])
        #expect(scalerFields.contains(path: ["spec", "behavior", "scaleDown", "stabilizationWindowSeconds"]))
        #expect(!scalerFields.contains(path: ["spec", "behaviour"]))
        let podFields = try #require(trees[pod])
        #expect(podFields.contains(path: ["spec", "containers", "securityContext", "seccompProfile", "type"]))
        #expect(podFields.contains(path: ["metadata", "labels", "app.kubernetes.io/name"]))
        #expect(!podFields.contains(path: ["spec", "containers", "imaginary"]))
    }

    @Test func versionAndRawRequests() async throws {
        let client = try await TestCluster.shared.client
        let version = try await client.version()
        #expect(version.major == 1 && version.minor >= 19)
        #expect(version.gitVersion.hasPrefix("v1."))
        let ready = try await client.raw(path: "/readyz", query: [("verbose", "true")])
        #expect(ready.status == 200)
        #expect(String(decoding: ready.bytes, as: UTF8.self).contains("readyz check passed"))
        #expect(try await client.raw(path: "/nowhere").status == 404)
    }
}
