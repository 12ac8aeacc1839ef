import Dataflow
import MeshTesting
import Testing

@Suite struct IndexTests {
    /// Whatever is put in and taken out, each key has the elements that a dictionary of sets would have.
    @Test(arguments: UInt64(1)...20)
    func isADictionaryOfSets(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var index = Index<Int, Int>()
        var expected: [Int: Set<Int>] = [:]
        for _ in 0..<500 {
            let (key, element) = (Int.random(in: 0..<4, using: &generator), Int.random(in: 0..<4, using: &generator))
            if Bool.random(using: &generator) {
                index.insert(element, at: key)
                expected[key, default: []].insert(element)
            } else {
                index.remove(element, at: key)
                expected[key]?.remove(element)
                if expected[key]?.isEmpty ?? false { expected[key] = nil }
            }
            for key in 0..<4 {
                #expect(index[key] == expected[key] ?? [])
            }
        }
    }

    @Test func thoseWithEqualElementsAreEqual() {
        var grown = Index<String, Int>()
        for element in 1...3 { grown.insert(element, at: "a") }
        for element in 2...3 { grown.remove(element, at: "a") }
        var plain = Index<String, Int>()
        plain.insert(1, at: "a")
        #expect(grown == plain)
        plain.remove(1, at: "a")
        #expect(plain == Index())
    }
}

@Suite struct DerivedTests {
    /// Sums of numbers that are named by a formula, of which some do not exist.
    private struct Sums {
        var numbers: [String: Int] = [:]
        var formulas: [String: [String]] = [:]
        var sums = Derived<String, Int, String>()
        var computed = 0

        mutating func compute(_ names: some Sequence<String>) -> Set<String> {
            var changed: Set<String> = []
            for name in names {
                computed += 1
                var reads = Reads<String>()
                let sum = formulas[name].map { $0.reduce(0) { $0 + (reads.fetch($1, numbers[$1]) ?? 0) } }
                if sums.update(name, to: sum, reads) != nil { changed.insert(name) }
            }
            return changed
        }

        mutating func set(_ number: String, to value: Int?) -> Set<String> {
            let touched = sums.dependents(on: number)
            numbers[number] = value
            return compute(touched)
        }
    }

    @Test func touchesOnlyWhatLooked() {
        var sums = Sums(numbers: ["a": 1, "b": 2], formulas: ["x": ["a", "b"], "y": ["b"], "z": ["c"]])
        let first = sums.compute(["x", "y", "z"])
        #expect(first == ["x", "y", "z"])
        let changed = sums.set("a", to: 5)
        #expect(changed == ["x"])
        #expect(sums.computed == 4)
        #expect(sums.sums.values == ["x": 7, "y": 2, "z": 0])
    }

    @Test func whatWasLookedForInVainIsMissed() {
        var sums = Sums(formulas: ["z": ["c"]])
        _ = sums.compute(["z"])
        let changed = sums.set("c", to: 3)
        #expect(changed == ["z"])
        #expect(sums.sums["z"] == 3)
    }

    @Test func anEqualValueWakesNothing() {
        var sums = Sums(numbers: ["a": 1, "b": 2], formulas: ["x": ["a", "b"]])
        _ = sums.compute(["x"])
        let changed = sums.set("a", to: 1)
        #expect(changed.isEmpty)
        #expect(sums.computed == 2)
    }

    @Test func readsAreThoseOfTheLastComputation() {
        var sums = Sums(numbers: ["a": 1, "b": 2], formulas: ["x": ["a"]])
        _ = sums.compute(["x"])
        sums.formulas["x"] = ["b"]
        _ = sums.compute(["x"])
        let (former, latter) = (sums.set("a", to: 9), sums.set("b", to: 9))
        #expect(former.isEmpty)
        #expect(latter == ["x"])
    }

    @Test func whatIsGoneDependsOnNothing() {
        var sums = Sums(numbers: ["a": 1], formulas: ["x": ["a"]])
        _ = sums.compute(["x"])
        sums.formulas["x"] = nil
        let gone = sums.compute(["x"])
        #expect(gone == ["x"])
        #expect(sums.sums.values.isEmpty)
        #expect(sums.sums.dependents(on: "a").isEmpty)
    }
}
