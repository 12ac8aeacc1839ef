import KubernetesModel
import Testing

@testable import KubernetesClient

@Suite struct DiscoveredAPITests {
    let aggregated: JSONValue = [
        "kind": "APIGroupDiscoveryList",
        "items": [
            [
                "metadata": ["name": "autoscaling"],
                "versions": [
                    [
                        "version": "v2", "freshness": "Current",
                        "resources": [
                            [
                                "resource": "horizontalpodautoscalers", "scope": "Namespaced",
                                "responseKind": ["group": "", "version": "", "kind": "HorizontalPodAutoscaler"],
                                "subresources": [["subresource": "status"]],
                            ]
                        ],
                    ],
                    [
                        "version": "v1",
                        "resources": [
                            [
                                "resource": "horizontalpodautoscalers", "scope": "Namespaced",
                                "responseKind": ["kind": "HorizontalPodAutoscaler"],
                            ]
                        ],
                    ],
                ],
            ],
            [
                "metadata": ["name": "metrics.k8s.io"],
                "versions": [["version": "v1beta1", "freshness": "Stale", "resources": []]],
            ],
        ],
    ]

    @Test func readsOneDocumentForAllGroups() {
        var api = DiscoveredAPI()
        api.add(aggregated: aggregated)
        #expect(api.serves(GroupVersionKind(group: "autoscaling", version: "v1", kind: "HorizontalPodAutoscaler")))
        #expect(
            api.resource(for: GroupKind(group: "autoscaling", kind: "HorizontalPodAutoscaler"))
                == .horizontalPodAutoscalers("v2"))
        #expect(api.unavailable.keys.map(\.description) == ["metrics.k8s.io/v1beta1"])
        #expect(api.served.count == 2)
    }

    @Test func readsAResourceListWithoutSubresources() {
        var api = DiscoveredAPI()
        api.add(
            resourceList: [
                "resources": [
                    ["name": "deployments", "kind": "Deployment", "namespaced": true],
                    ["name": "deployments/scale", "kind": "Scale", "namespaced": true, "group": "autoscaling"],
                ]
            ], of: GroupVersion(group: "apps", version: "v1"))
        #expect(api.resource(for: APIResource.deployments.groupVersionKind) == .deployments)
        #expect(api.served.count == 1)
    }

    @Test func aGroupsPreferredVersionComesFirst() {
        let versions = DiscoveredAPI.versions(groupList: [
            "groups": [
                [
                    "name": "policy",
                    "versions": [["groupVersion": "policy/v1beta1"], ["groupVersion": "policy/v1"]],
                    "preferredVersion": ["groupVersion": "policy/v1"],
                ]
            ]
        ])
        #expect(versions.map(\.description) == ["policy/v1", "policy/v1beta1"])
    }

    @Test func choosesTheFirstVersionThatIsServed() {
        let api = DiscoveredAPI([.horizontalPodAutoscalers("v1"), .horizontalPodAutoscalers("v2beta2")])
        #expect(
            api.preferred("autoscaling", "HorizontalPodAutoscaler", among: ["v2", "v2beta2"])
                == .horizontalPodAutoscalers("v2beta2"))
        #expect(api.preferred("policy", "PodDisruptionBudget", among: ["v1", "v1beta1"]) == nil)
    }
}

@Suite struct OpenAPITests {
    /// Version 2: definitions at the top, a type that contains itself, strings full of brackets.
    let version2 = Array(
        #"""
        {"swagger":"2.0","info":{"title":"not {these} [brackets] \" nor \\"},"paths":{"/a":{"get":{"x":[1,{"y":"}"}]}}},
         "definitions":{
          "io.k8s.api.autoscaling.v2beta2.HorizontalPodAutoscaler":{"type":"object",
            "x-kubernetes-group-version-kind":[{"group":"autoscaling","kind":"HorizontalPodAutoscaler","version":"v2beta2"}],
            "properties":{"apiVersion":{"type":"string"},"metadata":{"$ref":"#/definitions/Meta"},
              "spec":{"description":"has } in it","$ref":"#/definitions/Spec"}}},
          "Meta":{"type":"object","properties":{
            "labels":{"type":"object","additionalProperties":{"type":"string"}}}},
          "Spec":{"type":"object","properties":{
            "maxReplicas":{"type":"integer"},
            "metrics":{"type":"array","items":{"$ref":"#/definitions/Metric"}},
            "raw":{"type":"object"}}},
          "Metric":{"type":"object","properties":{"type":{"type":"string"},"nested":{"$ref":"#/definitions/Metric"}}},
          "Unused":{"type":"object","properties":{"a":{"$ref":"#/definitions/Metric"}}}
         }}
        """#.utf8)
    let kind = GroupVersionKind(group: "autoscaling", version: "v2beta2", kind: "HorizontalPodAutoscaler")

    @Test(arguments: [
        ("spec", true), ("spec.maxReplicas", true), ("spec.behavior", false), ("spec.maxReplicas.deeper", false),
        ("spec.metrics.type", true), ("spec.metrics.nested.nested.type", true), ("spec.metrics.nested.gone", false),
        ("metadata.labels.anything", true), ("metadata.labels.anything.deeper", false), ("spec.raw.what.ever", true),
        ("nowhere", false),
    ])
    func knowsItsFields(path: String, isKnown: Bool) throws {
        let tree = try #require(try OpenAPIDocument(version2).fields(of: [kind])[kind])
        #expect(tree.contains(path: path.split(separator: ".").map(String.init)) == isKnown)
    }

    @Test func keepsOnlyWhatTheKindReaches() throws {
        let tree = try #require(try OpenAPIDocument(version2).fields(of: [kind])[kind])
        #expect(Set(tree.definitions.keys) == ["Meta", "Spec", "Metric"])
    }

    @Test func anotherVersionOfTheKindIsNotDescribed() throws {
        let other = GroupVersionKind(group: "autoscaling", version: "v2", kind: "HorizontalPodAutoscaler")
        #expect(try OpenAPIDocument(version2).fields(of: [other]).isEmpty)
    }

    @Test func version3KeepsItsSchemasElsewhere() throws {
        let document = Array(
            #"""
            {"openapi":"3.0.0","components":{"schemas":{
              "io.k8s.api.policy.v1.PodDisruptionBudget":{"type":"object",
                "x-kubernetes-group-version-kind":[{"group":"policy","kind":"PodDisruptionBudget","version":"v1"}],
                "properties":{"spec":{"default":{},"allOf":[{"$ref":"#/components/schemas/Spec"}]}}},
              "Spec":{"type":"object","properties":{"unhealthyPodEvictionPolicy":{"type":"string"}}}}}}
            """#.utf8)
        let kind = GroupVersionKind(group: "policy", version: "v1", kind: "PodDisruptionBudget")
        let tree = try #require(try OpenAPIDocument(document).fields(of: [kind])[kind])
        #expect(tree.contains(path: ["spec", "unhealthyPodEvictionPolicy"]))
        #expect(!tree.contains(path: ["spec", "other"]))
    }

    @Test func preservedUnknownFieldsAllowAnything() throws {
        var references: Set<String> = []
        let shape = FieldTree.Shape(
            schema: ["type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": ["a": [:]]],
            references: &references)
        #expect(FieldTree(definitions: [:], root: shape).contains(path: ["b", "c"]))
    }

    @Test(arguments: ["{", #"{"a"}"#, #"{"a":1"#, #"{"a":"x}"#, #"{"a":[1,2}"#, #"{a:1}"#, #"{"a":1,}"#])
    func brokenDocumentsAreRefused(text: String) {
        #expect(throws: JSONScanError.self) { try OpenAPIDocument(Array(text.utf8)) }
    }
}
