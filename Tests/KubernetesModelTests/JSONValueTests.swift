import KubernetesModel
import Testing

@Suite struct JSONValueTests {
    @Test func readsFieldsOfFields() {
        let value: JSONValue = ["metadata": ["labels": ["app.kubernetes.io/name": "istiod"]], "list": [1], "text": "x"]
        #expect(value["metadata", "labels", "app.kubernetes.io/name"] == "istiod")
        #expect(value.value(at: ["metadata", "labels"]) == ["app.kubernetes.io/name": "istiod"])
        #expect(value.value(at: []) == value)
        #expect(value["metadata", "labels", "other"] == nil)
        #expect(value["text", "more"] == nil)
        #expect(value["list", "0"] == nil)
        #expect(JSONValue.null["a"] == nil)
    }

    @Test func writesFieldsAndWhatTheyStandIn() {
        var value: JSONValue = .null
        value["spec", "template", "name"] = "a"
        #expect(value == ["spec": ["template": ["name": "a"]]])
        value["spec", "template", "size"] = 2
        value["spec", "template", "name"] = nil
        #expect(value == ["spec": ["template": ["size": 2]]])
        value["spec", "template", "size", "deeper"] = true
        #expect(value == ["spec": ["template": ["size": ["deeper": true]]]])
        value["spec"] = JSONValue.null
        #expect(value == ["spec": nil])
    }

    @Test func removingMakesNothing() {
        var value: JSONValue = ["a": 1]
        value["b"] = nil
        value["c", "d", "e"] = nil
        value.set(nil, at: ["a", "b"])
        value.set(nil, at: [])
        #expect(value == ["a": 1])
        var text: JSONValue = "x"
        text["a"] = nil
        #expect(text == "x")
    }

    @Test func changesACopyOnly() {
        let before: JSONValue = ["a": ["b": 1]]
        var after = before
        after["a", "b"] = 2
        #expect(before["a", "b"] == 1)
        #expect(after["a", "b"] == 2)
    }

    @Test func mergesMapsAndReplacesTheRest() {
        let base: JSONValue = ["a": ["x": 1, "y": [1, 2]], "b": "text", "c": 3]
        let overlay: JSONValue = ["a": ["y": [3], "z": true], "b": ["now": "map"], "c": nil]
        #expect(
            base.merging(overlay) == ["a": ["x": 1, "y": [3], "z": true], "b": ["now": "map"], "c": nil])
        #expect(base.merging("scalar") == "scalar")
        #expect(JSONValue.null.merging(base) == base)
        #expect(base.merging([:]) == base)
    }

    @Test func compactsMapsAtAnyDepth() {
        let value: JSONValue = [
            "keep": ["zero": 0, "off": false, "text": "", "list": [nil, [:]]],
            "drop": ["null": nil, "list": [], "map": ["map": [:]]],
        ]
        #expect(value.compacted == ["keep": ["zero": 0, "off": false, "text": "", "list": [nil, [:]]]])
        #expect((["a": ["b": nil]] as JSONValue).compacted == nil)
        #expect(JSONValue.null.compacted == nil)
        #expect(JSONValue.string("").compacted == "")
    }

    @Test func dropsNullsOnly() {
        let value: JSONValue = ["a": nil, "b": ["c": nil, "d": [:]], "e": [nil, ["f": nil, "g": ""]]]
        #expect(value.withoutNulls == ["b": ["d": [:]], "e": [nil, ["g": ""]]])
        #expect(JSONValue.null.withoutNulls == .null)
    }

    @Test func knowsItsType() {
        let values: [JSONValue] = [nil, true, 1, 1.5, "a", [1], ["a": 1]]
        #expect(values.map(\.typeName) == ["null", "boolean", "integer", "number", "string", "list", "map"])
        #expect(values.map(\.isNull) == [true, false, false, false, false, false, false])
        #expect(values.compactMap(\.bool) == [true])
        #expect(values.compactMap(\.string) == ["a"])
        #expect(values.compactMap(\.array) == [[1]])
        #expect(values.compactMap(\.object) == [["a": 1]])
        #expect(values.map(\.integer) == [nil, nil, 1, nil, nil, nil, nil])
        #expect(JSONValue.double(3).integer == 3)
        #expect(JSONValue.double(1e300).integer == nil)
        #expect(JSONValue.double(.nan).integer == nil)
    }

    /// As values of this language both texts are one string.
    @Test func tellsTextsApartByTheirBytes() {
        let composed: JSONValue = "\u{E9}"
        let decomposed: JSONValue = "e\u{301}"
        #expect(composed.string == decomposed.string)
        #expect(composed != decomposed)
        #expect(["a": [composed]] as JSONValue != ["a": [decomposed]])
        #expect(JSONValue.string("\u{E9}") == composed)
    }

    @Test func isMadeOfStrings() {
        #expect(JSONValue(nil as String?) == .null)
        #expect(JSONValue("a" as String?) == "a")
        #expect(JSONValue(["a", "b"]) == ["a", "b"])
        #expect(JSONValue(["a": "b"]) == ["a": "b"])
    }
}
