import Testing
import XDSServer

@testable import XDSRelay

@Suite struct RelayPropertyTests {
    /// Whatever is lost on the way, the proxy comes to have what the control plane has.
    @Test(arguments: [ProtocolVariant.delta, .stateOfTheWorld])
    func convergesWhateverIsLost(_ variant: ProtocolVariant) {
        for seed in 1...UInt64(150) {
            var simulation = RelaySimulation(seed: seed, variant)
            for _ in 0..<300 { simulation.step() }
            simulation.repair()
            simulation.settle()
            simulation.expectConverged("seed \(seed)")
        }
    }

    /// A proxy that starts while the control plane is away has all that the last one had.
    @Test(arguments: [ProtocolVariant.delta, .stateOfTheWorld])
    func aNewProxyGetsTheLastGood(_ variant: ProtocolVariant) {
        for seed in 1...UInt64(50) {
            var simulation = RelaySimulation(seed: seed, variant)
            for _ in 0..<20 { simulation.edit(isGood: true) }
            simulation.change(.cluster, .model("c0", "v0"))
            simulation.settle()
            simulation.expectConverged("seed \(seed)")
            let before = simulation.proxy.view
            simulation.drop()
            simulation.restartProxy()
            simulation.proveLastGood(simulation.relay.kept)
            #expect(simulation.proxy.view == before, "seed \(seed)")
            // Twice in a row: what was told from memory is kept too.
            simulation.restartProxy()
            simulation.proveLastGood(simulation.relay.kept)
            #expect(simulation.proxy.view == before, "seed \(seed)")
        }
    }

    /// A control plane that comes back with nothing new sends nothing.
    @Test func aReconnectResendsNothing() {
        var simulation = RelaySimulation(seed: 1, .delta)
        for _ in 0..<30 { simulation.edit(isGood: true) }
        simulation.change(.cluster, .model("c0", "v0"))
        simulation.settle()
        let sent = simulation.sentResources
        #expect(sent > 0)
        simulation.drop()
        simulation.settle()
        #expect(simulation.sentResources == sent)
        // What changed meanwhile is sent, and that alone.
        simulation.drop()
        simulation.change(.endpoint, .model("c0", "new"))
        simulation.settle()
        #expect(simulation.sentResources == sent + 1)
        simulation.expectConverged("after")
    }
}
