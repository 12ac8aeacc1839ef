import MeshTesting
import Testing

@testable import XDSServer

@Suite struct StableHashTests {
    /// The published values of xxHash64.
    @Test(arguments: [
        ("", 0xEF46_DB37_51D8_E999 as UInt64), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
    ]) func agreesWithTheReference(_ text: String, _ expected: UInt64) {
        #expect(StableHash.hash(text) == expected)
        #expect(StableHash.hash(Array(text.utf8)) == expected)
    }

    @Test func everyByteOfEveryLengthCounts() {
        var seen: Set<UInt64> = []
        for length in 0..<100 {
            var bytes = [UInt8](repeating: 7, count: length)
            seen.insert(StableHash.hash(bytes))
            for index in bytes.indices {
                bytes[index] = 8
                seen.insert(StableHash.hash(bytes))
                bytes[index] = 7
            }
        }
        #expect(seen.count == 100 + (0..<100).reduce(0, +))
    }
}

@Suite struct ResourceVersionTests {
    @Test func readsWhatItWrites() {
        for raw in [0, 1, 0xABC, UInt64.max] {
            let version = ResourceVersion(rawValue: raw)
            #expect(version.description.count == 16)
            #expect(ResourceVersion(version.description) == version)
        }
        #expect(ResourceVersion("12") == nil)
        #expect(ResourceVersion("not-hexadecimal!") == nil)
    }

    @Test func isTheContents() {
        #expect(resource("a", "1").version == resource("b", "1").version)
        #expect(resource("a", "1").version != resource("a", "2").version)
        #expect(ResourceSnapshot([resource("a", "1")]).version != ResourceSnapshot([resource("b", "1")]).version)
    }

    @Test func bodiesAreNotPrinted() {
        let secret = Resource(name: "kubernetes://key", body: Array("private".utf8))
        #expect(!"\(secret)".contains("private"))
        #expect("\(secret)".contains("7 bytes"))
    }
}

@Suite struct ResourceSnapshotTests {
    @Test func anEditThatChangesNothingIsNoEdit() {
        let snapshot = ResourceSnapshot([resource("a", "1"), resource("b", "1")])
        let again = snapshot.applying(updates: [resource("a", "1")], removals: ["c"])
        #expect(again == snapshot)
        #expect(again.changes(since: snapshot).isEmpty)
    }

    @Test func unchangedResourcesKeepTheirBytes() throws {
        let old = resource("a", "1")
        let snapshot = ResourceSnapshot([old, resource("b", "1")])
        let next = snapshot.replacing(with: [resource("a", "1"), resource("b", "2")])
        #expect(try #require(next["a"]) === old)
        #expect(next.changes(since: snapshot) == ["b"])
    }

    @Test func ofSeveralWithOneNameTheLastCounts() {
        let snapshot = ResourceSnapshot([resource("a", "1"), resource("a", "2")])
        #expect(snapshot.resources == [resource("a", "2")])
    }

    /// Editing step by step gives what making it at once gives, and the changes told are those that there are.
    @Test(arguments: 0..<50 as Range<UInt64>) func editsAreAsGoodAsMakingItAnew(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var model: [String: String] = [:]
        var snapshots = [ResourceSnapshot.empty]
        for _ in 0..<40 {
            var updates: [Resource] = []
            var removals: [String] = []
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let name = "n\(Int.random(in: 0..<12, using: &random))"
                guard !updates.contains(where: { $0.name == name }), !removals.contains(name) else { continue }
                if Bool.random(using: &random) {
                    let body = "\(Int.random(in: 0..<3, using: &random))"
                    updates.append(resource(name, body))
                    model[name] = body
                } else {
                    removals.append(name)
                    model[name] = nil
                }
            }
            let next = snapshots[snapshots.count - 1].applying(updates: updates, removals: removals)
            let anew = ResourceSnapshot(model.map { resource($0.key, $0.value) })
            #expect(next == anew)
            #expect(next.resources == anew.resources)
            for earlier in snapshots {
                let told = next.changes(since: earlier)
                let names = Set(next.resources.map(\.name) + earlier.resources.map(\.name))
                let changed = names.filter { next.version(of: $0) != earlier.version(of: $0) }
                #expect(changed.allSatisfy(told.contains))
                #expect(anew.changes(since: earlier) == NameSet(changed))
            }
            snapshots.append(next)
        }
    }

    @Test func aCacheTellsWhatChanged() {
        var cache = ResourceCache()
        var changed = cache.apply(.cluster, updates: [resource("a", "1")])
        #expect(changed)
        changed = cache.apply(.cluster, updates: [resource("a", "1")])
        #expect(!changed)
        let before = cache
        changed = cache.replace(.endpoint, with: [resource("a", "1")])
        #expect(changed)
        #expect(Set(cache.changes(since: before).keys) == [.endpoint])
        #expect(cache[.cluster, "a"] == resource("a", "1"))
        changed = cache.apply(.cluster, removals: ["a"])
        #expect(changed)
        #expect(cache[.cluster].isEmpty)
    }
}

@Suite struct NameSetTests {
    @Test(arguments: 0..<50 as Range<UInt64>) func isASet(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        func names(_ random: inout SeededGenerator) -> [String] {
            (0..<Int.random(in: 0..<12, using: &random)).map { _ in "n\(Int.random(in: 0..<15, using: &random))" }
        }
        var (left, right) = (names(&random), names(&random))
        // A small set with a big one goes another way.
        if seed % 3 == 1 { left += (0..<300).map { "m\($0)" } }
        if seed % 3 == 2 { right += (0..<300).map { "m\($0)" } }
        #expect(NameSet(left).sorted == Set(left).sorted())
        #expect(NameSet(left).union(NameSet(right)) == NameSet(left + right))
        #expect(NameSet(left).intersection(NameSet(right)) == NameSet(Set(left).intersection(right)))
        #expect(NameSet(left).subtracting(NameSet(right)) == NameSet(Set(left).subtracting(right)))
        for name in right { #expect(NameSet(left).contains(name) == left.contains(name)) }
        #expect(NameSet(left).sharing(right.sorted().map { resource($0, "") }) == NameSet(left))
    }
}

func resource(_ name: String, _ body: String, dependents: [String] = []) -> Resource {
    Resource(name: name, body: Array(body.utf8), dependents: dependents)
}
