import KubernetesModel
import Testing

@testable import SidecarInjector

@Suite struct StrategicMergeTests {
    @Test func elementsAreMergedByTheirNames() {
        let base: JSONValue = ["containers": [["name": "a", "image": "1", "args": ["x"]], ["name": "b"]]]
        let overlay: JSONValue = ["containers": [["name": "c"], ["name": "a", "args": ["y", "z"]]]]
        #expect(
            strategicallyMerged(base, with: overlay)
                == ["containers": [["name": "c"], ["name": "a", "image": "1", "args": ["y", "z"]], ["name": "b"]]])
    }

    @Test func whatOnlyTheBaseHasKeepsItsPlace() {
        let base: JSONValue = ["env": [["name": "a"], ["name": "b"], ["name": "c"]]]
        let overlay: JSONValue = ["env": [["name": "c", "value": "1"]]]
        #expect(
            strategicallyMerged(base, with: overlay)
                == ["env": [["name": "a"], ["name": "b"], ["name": "c", "value": "1"]]])
    }

    @Test func nullsAndDirectivesRemove() {
        let base: JSONValue = ["a": 1, "volumes": [["name": "v"], ["name": "w"]], "map": ["x": 1]]
        let overlay: JSONValue = [
            "a": .null, "volumes": [["name": "v", "$patch": "delete"]], "map": ["$patch": "replace", "y": 2],
            "new": ["z": .null],
        ]
        #expect(
            strategicallyMerged(base, with: overlay) == ["volumes": [["name": "w"]], "map": ["y": 2], "new": [:]])
    }

    @Test func aVolumeHasOneSource() {
        let base: JSONValue = ["volumes": [["name": "v", "emptyDir": [:]]]]
        let other: JSONValue = ["volumes": [["name": "v", "csi": ["driver": "d"]]]]
        #expect(strategicallyMerged(base, with: other) == other)
        let same: JSONValue = ["volumes": [["name": "v", "emptyDir": ["medium": "Memory"]]]]
        #expect(strategicallyMerged(base, with: same) == same)
    }
}
