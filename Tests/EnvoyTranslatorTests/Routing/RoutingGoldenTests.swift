import EnvoyTesting
import EnvoyTranslator
import MeshModel
import Testing

@Suite("What VirtualServices make of a mesh")
struct RoutingGoldenTests {
    @Test func thereAreCases() {
        #expect(RoutingCase.all.count >= 10)
    }

    @Test("As the file says", arguments: RoutingCase.all)
    func golden(given: RoutingCase) throws {
        let outcome = try given.mesh().outcome()
        #expect(try outcome == given.wanted(insteadOf: outcome))
    }

    @Test(
        "A real Envoy takes it", .enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)"),
        arguments: RoutingCase.all)
    func isValid(given: RoutingCase) throws {
        let verdict = try EnvoyProgram.validate(try .containing(try given.mesh().resources()))
        #expect(verdict.isValid, "\(verdict.output)")
    }
}
