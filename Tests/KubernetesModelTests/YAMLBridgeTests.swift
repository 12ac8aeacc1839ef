import KubernetesModel
import MeshTesting
import Testing
import YAML

@Suite struct YAMLBridgeTests {
    @Test func readsDocumentsAsKubernetesDoes() throws {
        let documents = try JSONValue.documents(
            yaml: """
                a: {text: "1", number: 1, ratio: 1.5, on: true, none: ~, list: [x, [y]], empty: {}}
                ---
                80: port
                true: key
                """)
        #expect(
            documents == [
                [
                    "a": [
                        "text": "1", "number": 1, "ratio": 1.5, "on": true, "none": nil, "list": ["x", ["y"]],
                        "empty": [:],
                    ]
                ],
                ["80": "port", "true": "key"],
            ])
    }

    @Test(arguments: 0..<20)
    func comesBackFromYAML(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed &+ 2000)
        for _ in 0..<20 {
            let value = JSONValue.random(depth: 3, using: &generator)
            #expect(JSONValue(YAMLNode(value)) == value)
        }
    }
}
