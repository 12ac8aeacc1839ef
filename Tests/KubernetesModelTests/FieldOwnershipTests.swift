import KubernetesModel
import Testing

@Suite struct FieldOwnershipTests {
    private func object(_ entries: [JSONValue]) -> UnstructuredObject {
        UnstructuredObject(["metadata": ["managedFields": .array(entries)]])
    }

    private let fields: JSONValue = [
        "f:metadata": ["f:labels": [".": [:], "f:app": [:]], "f:finalizers": [".": [:], "v:\"a/b\"": [:]]],
        "f:spec": [
            "f:args": [:],
            "f:ports": [
                #"k:{"containerPort":53,"protocol":"UDP"}"#: [".": [:], "f:containerPort": [:], "f:name": [:]]
            ],
            "f:numbers": ["v:1": [:], "v:2": [:]],
        ],
    ]

    @Test func readsWhatAManagerApplied() throws {
        let (owned, version) = try #require(
            FieldOwnership.applied(
                by: "m",
                in: object([["manager": "m", "operation": "Apply", "apiVersion": "v1", "fieldsV1": fields]])))
        #expect(version == "v1")
        #expect(owned.fields.keys.sorted() == ["metadata", "spec"])
        #expect(owned.fields["metadata"]?.fields["labels"]?.fields.keys.sorted() == ["app"])
        #expect(owned.fields["metadata"]?.fields["labels"]?.fields["app"]?.isLeaf == true)
        #expect(owned.fields["metadata"]?.fields["finalizers"]?.values == ["a/b"])
        #expect(owned.fields["spec"]?.fields["args"]?.isLeaf == true)
        #expect(owned.fields["spec"]?.fields["numbers"]?.values == [1, 2])
        let element = owned.fields["spec"]?.fields["ports"]?.elements[["containerPort": 53, "protocol": "UDP"]]
        #expect(element?.fields.keys.sorted() == ["containerPort", "name"])
    }

    /// Updates are no applies, nor is what was applied to a subresource an apply to the object.
    @Test func overlooksOtherEntries() {
        let others: [JSONValue] = [
            ["manager": "other", "operation": "Apply", "apiVersion": "v1", "fieldsV1": fields],
            ["manager": "m", "operation": "Update", "apiVersion": "v1", "fieldsV1": fields],
            ["manager": "m", "operation": "Apply", "apiVersion": "v1", "fieldsV1": fields, "subresource": "status"],
            ["manager": "m", "operation": "Apply", "apiVersion": "v1"],
        ]
        #expect(FieldOwnership.applied(by: "m", in: object(others)) == nil)
        #expect(FieldOwnership.applied(by: "m", in: UnstructuredObject([:])) == nil)
    }

    @Test func overlooksWhatItCannotRead() throws {
        let (owned, _) = try #require(
            FieldOwnership.applied(
                by: "m",
                in: object([
                    [
                        "manager": "m", "operation": "Apply", "apiVersion": "v1",
                        "fieldsV1": [
                            "f:a": [:], "k:{broken": [:], "k:[1]": [:], "v:broken": [:], "i:0": [:], "x": [:], "": [:],
                        ],
                    ]
                ])))
        #expect(owned.fields.keys.sorted() == ["a"])
        #expect(owned.elements.isEmpty && owned.values.isEmpty)
    }
}
