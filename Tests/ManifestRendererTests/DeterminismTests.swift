import InstallationValues
import IstioAPI
import KubernetesModel
import ManifestRenderer
import MeshTesting
import Testing

/// Equal input gives equal bytes, however its maps were written, filled or put together.
@Suite struct DeterminismTests {
    private static let profiles = Profile.allCases.map(\.rawValue)

    @Test(arguments: profiles, 1...2 as ClosedRange<UInt64>)
    func orderDoesNotShow(_ profile: String, _ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var orders = 0
        for _ in 0..<4 {
            let spec = random.spec(profile: profile)
            let first = outcome(spec)
            let rewritten = try #require(try JSONValue.documents(yaml: random.yaml(spec)).first)
            #expect(outcome(rewritten) == first, "maps written in another order: \(spec)")
            let refilled = random.refilled(spec)
            #expect(outcome(refilled) == first, "maps filled in another order: \(spec)")
            if SeededGenerator.fieldOrder(refilled) != SeededGenerator.fieldOrder(spec) { orders += 1 }
        }
        #expect(orders > 0, "no map was held in another order: this proves nothing")
    }

    /// As of several files, each laid over those before it.
    @Test(arguments: profiles)
    func twoFilesGiveWhatOneGives(_ profile: String) throws {
        var random = SeededGenerator(seed: 1000)
        for number in 0..<50 {
            let spec = random.spec(profile: profile)
            let (first, second) = random.halves(spec)
            let merged = try #require(first).merging(try #require(second))
            #expect(merged == spec)
            if number < 2 { #expect(outcome(merged) == outcome(spec), "\(first ?? .null) and \(second ?? .null)") }
        }
    }

    /// The properties above are about objects: most random specs must give some, and not all the same.
    @Test(arguments: profiles.filter { $0 != "empty" })
    func mostSpecsRender(_ profile: String) throws {
        var random = SeededGenerator(seed: 1)
        let outcomes = (0..<8).map { _ in outcome(random.spec(profile: profile)) }
        let refused = outcomes.filter { $0.hasPrefix("errors:") }
        #expect(refused.count < 4, "\(refused.joined())")
        #expect(Set(outcomes).count > 2)
    }
}

/// All that rendering says, as text.
private func outcome(_ spec: JSONValue) -> String {
    let read = IstioOperatorSpec.read(spec)
    let input = RenderInput(
        owner: ObjectKey(namespace: "istio-system", name: "installed"), spec: read.spec,
        facts: ClusterFacts(kubernetesMinor: 33), purpose: .file)
    return goldenText(input) + read.diagnostics.map { "\($0.severity) \($0)\n" }.joined()
}
