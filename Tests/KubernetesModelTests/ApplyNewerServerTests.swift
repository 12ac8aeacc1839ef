import KubernetesModel
import Testing

/// Ownership as API servers newer than that of the fixtures write it: more maps are owned as a whole.
@Suite struct ApplyNewerServerTests {
    private func difference(_ desired: JSONValue, _ live: JSONValue, owned: JSONValue) -> String? {
        func object(_ spec: JSONValue, _ entries: JSONValue?) -> UnstructuredObject {
            var json: JSONValue = ["apiVersion": "v1", "kind": "K", "metadata": ["name": "n"], "spec": spec]
            json["metadata", "managedFields"] = entries
            return UnstructuredObject(json)
        }
        let entry: JSONValue = [
            "manager": "m", "operation": "Apply", "apiVersion": "v1", "fieldsV1": ["f:spec": owned],
        ]
        return applyDifference(from: object(live, [entry]), to: object(desired, nil), manager: "m")
    }

    @Test func knowsDefaultsInMapsOwnedAsAWhole() {
        let owned: JSONValue = ["f:fieldRef": [:]]
        let desired: JSONValue = ["fieldRef": ["fieldPath": "metadata.name"]]
        #expect(
            difference(desired, ["fieldRef": ["fieldPath": "metadata.name", "apiVersion": "v1"]], owned: owned) == nil)
        #expect(
            difference(desired, ["fieldRef": ["fieldPath": "metadata.name", "apiVersion": "v2"]], owned: owned)
                == ".spec.fieldRef.apiVersion")
        #expect(
            difference(
                ["ref": ["resource": "limits.cpu"]], ["ref": ["resource": "limits.cpu", "divisor": "0"]],
                owned: ["f:ref": [:]]) == nil)
    }

    @Test func dropsAKeyOfASelectorOwnedAsAWhole() {
        #expect(
            difference(
                ["nodeSelector": ["a": "1"]], ["nodeSelector": ["a": "1", "b": "2"]], owned: ["f:nodeSelector": [:]])
                == ".spec.nodeSelector.b")
        #expect(
            difference(["nodeSelector": [:]], ["nodeSelector": ["b": "2"]], owned: ["f:nodeSelector": [:]])
                == ".spec.nodeSelector.b")
        #expect(difference(["nodeSelector": [:]], [:], owned: ["f:nodeSelector": [:]]) == nil)
        #expect(difference([:], ["nodeSelector": ["b": "2"]], owned: ["f:nodeSelector": [:]]) == ".spec.nodeSelector")
    }

    @Test func comparesAmountsWithinLists() {
        func metrics(_ amount: String) -> JSONValue {
            [
                "metrics": [
                    ["type": "Resource", "resource": ["name": "memory", "target": ["averageValue": .string(amount)]]]
                ]
            ]
        }
        #expect(difference(metrics("2048Mi"), metrics("2Gi"), owned: ["f:metrics": [:]]) == nil)
        #expect(difference(metrics("2048Mi"), metrics("3Gi"), owned: ["f:metrics": [:]]) == ".spec.metrics")
    }

    /// A port without protocol is TCP, even where its number is used for UDP too; whatever the order of a dictionary.
    @Test(arguments: 0..<20)
    func findsThePortThatIsMeant(_ repetition: Int) {
        let owned: JSONValue = [
            "f:ports": [
                #"k:{"port":53,"protocol":"TCP"}"#: [".": [:], "f:port": [:], "f:name": [:]],
                #"k:{"port":53,"protocol":"UDP"}"#: [".": [:], "f:port": [:], "f:name": [:], "f:protocol": [:]],
            ]
        ]
        let live: JSONValue = [
            "ports": [["port": 53, "protocol": "UDP", "name": "u"], ["port": 53, "protocol": "TCP", "name": "t"]]
        ]
        let desired: JSONValue = ["ports": [["port": 53, "name": "t"], ["port": 53, "protocol": "UDP", "name": "u"]]]
        #expect(difference(desired, live, owned: owned) == nil)
        let swapped: JSONValue = ["ports": [["port": 53, "name": "u"], ["port": 53, "protocol": "UDP", "name": "t"]]]
        #expect(difference(swapped, live, owned: owned) == #".spec.ports[port=53,protocol="TCP"].name"#)
    }

    @Test func takesBackAZeroThatAnotherManagerHolds() {
        #expect(difference(["paused": false], [:], owned: ["f:paused": [:]]) == nil)
        #expect(difference(["paused": false], ["z": 1], owned: ["f:z": [:]]) == ".spec.paused")
        #expect(difference(["paused": false], ["paused": true], owned: ["f:paused": [:]]) == ".spec.paused")
        #expect(difference(["paused": true], [:], owned: ["f:paused": [:]]) == ".spec.paused")
    }

    /// Whatever the order in which dictionaries give their keys.
    @Test(arguments: 0..<10)
    func namesTheFirstInTheOrderOfNames(_ repetition: Int) {
        let fields = Dictionary(uniqueKeysWithValues: (0..<20).map { ("f\(10 + $0)", JSONValue.integer(1)) })
        #expect(difference(.object(fields), ["z": 1], owned: ["f:z": [:]]) == ".spec.f10")
    }
}
