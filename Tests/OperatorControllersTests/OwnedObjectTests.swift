import KubernetesModel
import OperatorControllers
import Testing

@Suite struct OwnedObjectTests {
    private let labels: JSONValue = [
        "install.operator.istio.io/owning-resource": "mesh",
        "install.operator.istio.io/owning-resource-namespace": "ns",
    ]

    private func slice(controller: JSONValue?) -> OwnedObject {
        var json: JSONValue = [
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
            "metadata": ["name": "istiod-x", "namespace": "ns", "labels": labels],
        ]
        if let controller {
            json["metadata", "ownerReferences"] = [
                ["apiVersion": "v1", "kind": "Service", "name": "istiod", "uid": "u", "controller": controller]
            ]
        }
        return OwnedObject(UnstructuredObject(json))
    }

    /// Kubernetes copies a Service's labels to the EndpointSlices that it makes: pruning these would cut traffic off.
    @Test func whatAControllerMadeIsNobodys() {
        #expect(slice(controller: true).owner == nil)
        #expect(slice(controller: false).owner == Owner(ObjectKey(namespace: "ns", name: "mesh")))
        #expect(slice(controller: nil).owner == Owner(ObjectKey(namespace: "ns", name: "mesh")))
    }
}
