import Foundation
import KubernetesModel
import Testing

/// Lists are decoded, single objects are read from JSON: both must see the same.
@Suite struct ObjectMetaTests {
    @Test(arguments: [
        #"{}"#,
        #"{"name":"a"}"#,
        #"{"name":"a","namespace":null,"labels":null,"annotations":null,"finalizers":null,"ownerReferences":null,"#
            + #""deletionTimestamp":null,"generation":null,"creationTimestamp":null}"#,
        #"{"name":"a","namespace":"b","uid":"u","resourceVersion":"12","generation":3,"#
            + #""creationTimestamp":"2026-01-01T00:00:00Z","deletionTimestamp":"2026-01-02T00:00:00Z","#
            + #""labels":{"l":"1"},"annotations":{"x/y":""},"finalizers":["f","g"],"managedFields":[{"manager":"m"}],"#
            + #""ownerReferences":[{"apiVersion":"v1","kind":"K","name":"n","uid":"o","controller":true},"#
            + #"{"apiVersion":"v1","kind":"K","name":"n","uid":"p","blockOwnerDeletion":true}]}"#,
    ])
    func isTheSameReadEitherWay(_ text: String) throws {
        let decoded = try JSONDecoder().decode(ObjectMeta.self, from: Data(text.utf8))
        #expect(try ObjectMeta(JSONValue(parsing: text)) == decoded)
    }

    @Test func keepsWhatItReads() throws {
        let meta = ObjectMeta([
            "name": "a", "namespace": "b", "generation": 3, "labels": ["l": "1"], "finalizers": ["f"],
            "ownerReferences": [["apiVersion": "v1", "kind": "K", "name": "n", "uid": "o", "controller": true]],
        ])
        #expect(meta.key == ObjectKey(namespace: "b", name: "a"))
        #expect(meta.generation == 3)
        #expect(meta.labels == ["l": "1"])
        #expect(meta.finalizers == ["f"])
        #expect(meta.deletionTimestamp == nil)
        #expect(
            meta.ownerReferences == [OwnerReference(apiVersion: "v1", kind: "K", name: "n", uid: "o", controller: true)]
        )
    }
}
