import MeshTesting
import Testing

@testable import XDSServer

/// What holds of the protocol whatever happens, over random edits, answers, refusals, lost streams and rubbish.
@Suite struct ProtocolPropertyTests {
    static let cases: [(ProtocolVariant, UInt64)] = (0..<60).flatMap { seed in
        [(ProtocolVariant.delta, UInt64(seed)), (.stateOfTheWorld, UInt64(seed))]
    }

    @Test(arguments: cases) func clientEndsWithTheLastSnapshot(_ variant: ProtocolVariant, _ seed: UInt64) {
        var simulation = Simulation(seed: seed, variant: variant, allowsBad: false)
        for _ in 0..<400 { simulation.step(edits: true, losses: true) }
        let rests = simulation.settle()
        #expect(rests, "does not come to rest")
        expectEqual(simulation)
        #expect(simulation.client.refused == 0)
    }

    @Test(arguments: cases) func refusalsEndWhenTheResourcesAreRepaired(_ variant: ProtocolVariant, _ seed: UInt64) {
        var simulation = Simulation(seed: seed + 1000, variant: variant, allowsBad: true)
        for _ in 0..<400 { simulation.step(edits: true, losses: true) }
        let rests = simulation.settle()
        #expect(rests, "does not come to rest")
        simulation.repair()
        let restsAgain = simulation.settle()
        #expect(restsAgain, "does not come to rest after the repair")
        expectEqual(simulation)
    }

    @Test(arguments: cases) func badResourcesStopNoOthers(_ variant: ProtocolVariant, _ seed: UInt64) {
        var simulation = Simulation(seed: seed + 2000, variant: variant, allowsBad: true)
        for _ in 0..<400 { simulation.step(edits: true, losses: false) }
        let rests = simulation.settle()
        #expect(rests, "does not come to rest")
        #expect(simulation.problems.isEmpty)
        for type in MeshModel.types {
            let held = simulation.client.held[type] ?? [:]
            #expect(held.values.allSatisfy { !MeshModel.isBad($0) })
            guard variant == .delta || type.isNamed else { continue }
            for resource in simulation.snapshots[type]?.resources ?? [] where !MeshModel.isBad(resource.body) {
                guard !type.isNamed || simulation.client.names[type]?.contains(resource.name) == true else { continue }
                #expect(held[resource.name] == resource.body, "\(type) \(resource.name)")
            }
        }
    }

    private func expectEqual(_ simulation: Simulation) {
        #expect(simulation.problems.isEmpty)
        #expect(simulation.closed == nil)
        for type in MeshModel.types {
            let names = simulation.client.names[type] ?? []
            let wanted = (simulation.snapshots[type]?.resources ?? []).filter {
                !type.isNamed || names.contains($0.name)
            }
            let expected = Dictionary(wanted.map { ($0.name, $0.body) }) { $1 }
            var held = simulation.client.held[type] ?? [:]
            if simulation.client.variant == .stateOfTheWorld, type.isNamed {
                // This protocol cannot take a named resource away.
                held = held.filter { expected[$0.key] != nil }
            }
            #expect(held == expected, "\(type)")
            #expect((simulation.client.warming[type] ?? []).intersection(expected.keys).isEmpty, "\(type) still warms")
        }
        #expect(simulation.stream.status.isSynced, "\(simulation.stream.status)")
        #expect(simulation.stream.nextDeadline == nil)
    }
}
