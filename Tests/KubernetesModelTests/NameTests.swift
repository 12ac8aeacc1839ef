import KubernetesModel
import Testing

@Suite struct NameTests {
    @Test(arguments: [("v1", "", "v1"), ("apps/v1", "apps", "v1"), ("a.b/v1/x", "a.b", "v1/x"), ("", "", "")])
    func readsVersions(_ apiVersion: String, _ group: String, _ version: String) {
        let read = GroupVersion(apiVersion: apiVersion)
        #expect(read == GroupVersion(group: group, version: version))
        #expect(read.description == apiVersion)
    }

    @Test func ordersKeysByNamespaceThenName() {
        let keys = [
            ObjectKey(namespace: "b", name: "a"), ObjectKey(name: "z"), ObjectKey(namespace: "a", name: "b"),
            ObjectKey(namespace: "a", name: "a"),
        ]
        #expect(keys.sorted().map(\.description) == ["z", "a/a", "a/b", "b/a"])
    }

    @Test func refersToObjectsWhateverTheirVersion() {
        func object(_ version: String) -> UnstructuredObject {
            UnstructuredObject([
                "apiVersion": .string("autoscaling/" + version), "kind": "HorizontalPodAutoscaler",
                "metadata": ["name": "a", "namespace": "b", "labels": ["c": "d", "e": 1]],
            ])
        }
        #expect(object("v2").reference == object("v2beta2").reference)
        #expect(object("v2").groupVersionKind != object("v2beta2").groupVersionKind)
        #expect(object("v2").reference.description == "HorizontalPodAutoscaler b/a")
        #expect(object("v2").labels == ["c": "d"])
    }

    @Test func expectsNothingOfAnObject() {
        let object = UnstructuredObject(.null)
        #expect(object.name.isEmpty && object.namespace.isEmpty && object.kind.isEmpty && object.labels.isEmpty)
        #expect(object.metadata == ObjectMeta(name: ""))
    }
}
