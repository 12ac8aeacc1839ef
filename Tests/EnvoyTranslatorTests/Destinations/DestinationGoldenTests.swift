import EnvoyTesting
import EnvoyTranslator
import MeshModel
import Testing

@Suite("What DestinationRules make of a mesh")
struct DestinationGoldenTests {
    @Test func thereAreCases() {
        #expect(DestinationCase.all.count >= 9)
    }

    @Test("As the file says", arguments: DestinationCase.all)
    func golden(given: DestinationCase) throws {
        let outcome = try given.input().outcome()
        #expect(try outcome == given.wanted(insteadOf: outcome))
    }

    @Test(
        "A real Envoy takes it", .enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)"),
        arguments: DestinationCase.all)
    func isValid(given: DestinationCase) throws {
        let input = try given.input()
        // There is no stream here that Secrets could come by.
        let resources = try input.resources(of: input.translation, sources: .init(credentials: .agent))
        let verdict = try EnvoyProgram.validate(try .containing(resources))
        #expect(verdict.isValid, "\(verdict.output)")
    }
}
