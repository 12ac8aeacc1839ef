import ControlPlane
import KubernetesModel
import MeshControllers
import MeshModel
import MeshTranslator
import Testing

@Suite("Where Ingresses are reached")
struct IngressAddressesTests {
    private func addresses(
        _ service: String, named name: String = "istio-ingressgateway", _ settings: IngressSettings = IngressSettings()
    ) throws -> [JSONValue]? {
        let yaml = "{apiVersion: v1, kind: Service, metadata: {name: \(name), namespace: istio-system}, \(service)}"
        let object = try JSONValueDecoder().decode(ServiceObject.self, from: JSONValue.documents(yaml: yaml)[0])
        var objects = ClusterObjects()
        objects.services[object.metadata.key] = object
        guard case .known(let addresses) = IngressAddresses.source(objects, settings, in: "istio-system") else {
            return nil
        }
        return IngressAddresses.status(addresses)
    }

    @Test("What the Service's load balancer and its external addresses are")
    func service() throws {
        let balanced =
            "spec: {type: LoadBalancer, externalIPs: [192.0.2.1]}, "
            + "status: {loadBalancer: {ingress: [{hostname: b.example}, {ip: 203.0.113.9}, {ip: '2001:db8::1'}]}}"
        #expect(
            try addresses(balanced) == [
                ["ip": "192.0.2.1"], ["ip": "2001:db8::1"], ["ip": "203.0.113.9"], ["hostname": "b.example"],
            ])
        #expect(try addresses("spec: {type: ExternalName, externalName: c.example}") == [["hostname": "c.example"]])
        #expect(try addresses("spec: {type: LoadBalancer}") == [])
        #expect(try addresses("spec: {externalIPs: [192.0.2.1]}", named: "another") == [])
    }

    @Test("Without a Service, the nodes that the gateways run on")
    func nodes() throws {
        var settings = IngressSettings()
        settings.service = ""
        settings.selector = "edge"
        var objects = ClusterObjects()
        for (name, namespace, label, phase) in [
            ("a", "istio-system", "edge", "Running"), ("b", "istio-system", "edge", "Pending"),
            ("c", "istio-system", "other", "Running"), ("d", "default", "edge", "Running"),
        ] {
            let yaml = """
                {apiVersion: v1, kind: Pod, metadata: {name: \(name), namespace: \(namespace), labels: {istio: \(label)}},
                 spec: {nodeName: node-\(name)}, status: {phase: \(phase)}}
                """
            let pod = try JSONValueDecoder().decode(PodObject.self, from: JSONValue.documents(yaml: yaml)[0])
            objects.pods[pod.metadata.key] = pod
        }
        #expect(IngressAddresses.source(objects, settings, in: "istio-system") == .nodes(["node-a"]))
        let node: JSONValue = [
            "status": [
                "addresses": [
                    ["type": "InternalIP", "address": "10.0.0.1"], ["type": "ExternalIP", "address": "198.51.100.1"],
                ]
            ]
        ]
        #expect(IngressAddresses.addresses(ofNode: node) == ["198.51.100.1"])
    }
}
