import KubernetesModel
import Testing

@Suite struct LabelSelectorTests {
    @Test(
        arguments: [
            ([:], [:], true),
            ([:], ["a": "1"], true),
            (["matchLabels": ["a": "1"]], ["a": "1", "b": "2"], true),
            (["matchLabels": ["a": "1"]], ["a": "2"], false),
            (["matchLabels": ["a": "1", "b": "2"]], ["a": "1"], false),
            (["matchLabels": ["a": ""]], ["a": ""], true),
            (["matchLabels": ["a": ""]], [:], false),
            (["matchExpressions": [["key": "a", "operator": "In", "values": ["1", "2"]]]], ["a": "2"], true),
            (["matchExpressions": [["key": "a", "operator": "In", "values": ["1", "2"]]]], ["a": "3"], false),
            (["matchExpressions": [["key": "a", "operator": "In", "values": ["1", "2"]]]], [:], false),
            (["matchExpressions": [["key": "a", "operator": "NotIn", "values": ["1"]]]], ["a": "1"], false),
            (["matchExpressions": [["key": "a", "operator": "NotIn", "values": ["1"]]]], ["a": "2"], true),
            (["matchExpressions": [["key": "a", "operator": "NotIn", "values": ["1"]]]], [:], true),
            (["matchExpressions": [["key": "a", "operator": "Exists"]]], ["a": ""], true),
            (["matchExpressions": [["key": "a", "operator": "Exists"]]], ["b": ""], false),
            (["matchExpressions": [["key": "a", "operator": "DoesNotExist"]]], ["b": ""], true),
            (["matchExpressions": [["key": "a", "operator": "DoesNotExist", "values": []]]], ["a": ""], false),
            (
                ["matchLabels": ["a": "1"], "matchExpressions": [["key": "b", "operator": "Exists"]]], ["a": "1"], false
            ),
        ] as [(JSONValue, [String: String], Bool)])
    func selects(_ json: JSONValue, _ labels: [String: String], _ isSelected: Bool) throws {
        #expect(try #require(LabelSelector(json)).selects(labels) == isSelected)
    }

    /// Half a selector would select too much.
    @Test(
        arguments: [
            ["matchExpressions": [["key": "a", "operator": "in", "values": ["1"]]]],
            ["matchExpressions": [["key": "a", "values": ["1"]]]],
            ["matchExpressions": [["operator": "Exists"]]],
            ["matchExpressions": [["key": "a", "operator": "In"]]],
            ["matchExpressions": [["key": "a", "operator": "NotIn", "values": []]]],
            ["matchExpressions": [["key": "a", "operator": "In", "values": ["1", 2]]]],
            ["matchLabels": ["a": 1]],
            ["matchLabels": ["a": nil]],
        ] as [JSONValue])
    func refuses(_ json: JSONValue) {
        #expect(LabelSelector(json) == nil)
    }

    @Test func isWrittenAsAQuery() {
        let selector = LabelSelector(
            matchLabels: ["b": "2", "a": "1", "empty": ""],
            expressions: [
                .in("c", ["x", "y"]), .in("d", ["z"]), .notIn("e", ["p", "q"]), .exists("f.example.com/g"),
                .doesNotExist("h"),
            ])
        #expect(selector.query == "a=1,b=2,empty=,c in (x,y),d=z,e notin (p,q),f.example.com/g,!h")
        #expect(LabelSelector().query.isEmpty)
    }
}
