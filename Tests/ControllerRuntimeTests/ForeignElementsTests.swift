import KubernetesModel
import Testing

@testable import ControllerRuntime

@Suite struct ForeignElementsTests {
    /// Ports as the server has them after somebody changed the number of the second one.
    private let service: JSONValue = [
        "spec": [
            "ports": [
                ["name": "http-monitoring", "port": 15014, "protocol": "TCP"],
                ["name": "grpc-xds", "port": 15999, "protocol": "TCP"],
            ]
        ]
    ]

    private func ownership(ofPorts ports: [Int64]) -> FieldOwnership {
        var list = FieldOwnership()
        for port in ports { list.elements[["port": .integer(port), "protocol": "TCP"]] = FieldOwnership() }
        var spec = FieldOwnership()
        spec.fields["ports"] = list
        var root = FieldOwnership()
        root.fields["spec"] = spec
        return root
    }

    @Test func theElementWithAnEditedKeyIsTakenOut() {
        let patch = patchRemovingForeignElements(from: service, owned: ownership(ofPorts: [15014]))
        #expect(patch == ["spec": ["ports": [["name": "http-monitoring", "port": 15014, "protocol": "TCP"]]]])
    }

    @Test func nothingForeignNeedsNoPatch() {
        #expect(patchRemovingForeignElements(from: service, owned: ownership(ofPorts: [15014, 15999])) == .none)
    }

    /// An empty list could be one that the server does not take.
    @Test func aListIsNotEmptied() {
        #expect(patchRemovingForeignElements(from: service, owned: ownership(ofPorts: [1])) == .none)
    }
}
