import ControlPlane
import KubernetesModel
import Logging
import MeshModel
import MeshObservation
import MeshTranslator
import Testing

@Suite("Gateways of networks by name")
struct GatewayNameTests {
    /// Answers one thing after another; the last one again and again.
    private actor Names: HostResolving {
        private var answers: [[String]?]

        init(_ answers: [[String]?]) { self.answers = answers }

        func addresses(of name: String, within timeout: Duration) async throws -> [String] {
            let answer = answers.count > 1 ? answers.removeFirst() : answers[0]
            guard let answer else { throw HostResolutionError(name, "nobody knows it") }
            return answer
        }
    }

    @Test func addressesAreToldAsTheyChangeAndStayWhileNobodyAnswers() async throws {
        let (changes, change) = AsyncStream.makeStream(of: ObjectChange.self)
        var timing = GatewayNameUpkeep.timing
        timing.refresh = .milliseconds(20)
        timing.retry = .milliseconds(5)
        let names = Names([nil, ["1.1.1.1"], nil, ["2.2.2.2", "3.3.3.3"]])
        let upkeep = GatewayNameUpkeep(names, timing: timing, logger: Logger(label: "test")) { told, _ in
            change.yield(told)
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await upkeep.run() }
            upkeep.want(["lb.example.com"])
            var iterator = changes.makeAsyncIterator()
            #expect(await iterator.next() == .hostAddresses("lb.example.com", ["1.1.1.1"]))
            let last = ObjectChange.hostAddresses("lb.example.com", ["2.2.2.2", "3.3.3.3"])
            #expect(await iterator.next() == last)
            upkeep.want([])
            var told = await iterator.next()
            while told == last { told = await iterator.next() }
            #expect(told == .hostAddresses("lb.example.com", nil))
            group.cancelAll()
        }
    }

    @Test func theSystemKnowsItself() async throws {
        let found = try await SystemHostResolver().addresses(of: "localhost", within: .seconds(60))
        #expect(!found.isEmpty)
        #expect(Set(found).isSubset(of: ["127.0.0.1", "::1"]))
    }

    @Test func aNameOfNobodyIsAnError() async {
        await #expect(throws: HostResolutionError.self) {
            _ = try await SystemHostResolver().addresses(of: "-no name-", within: .seconds(60))
        }
    }

    /// What is found out becomes the way into a network.
    @Test func proxiesCallWhatWasFound() throws {
        var mesh = MeshTranslation()
        let networks = """
            networks:
              far: {endpoints: [{fromCidr: 10.8.0.0/16}], gateways: [{address: LB.example.com, port: 15443}]}
            """
        _ = mesh.apply([.meshNetworks(networks)])
        #expect(mesh.snapshot.topology.gatewayNames == ["lb.example.com"])
        #expect(mesh.snapshot.topology.gateways == [:])
        let difference = mesh.apply([.hostAddresses("lb.example.com", ["1.1.1.1", "fd00::1"])])
        #expect(difference.settings)
        #expect(
            mesh.snapshot.topology.gateways
                == ["far": [.init(address: "1.1.1.1", port: 15443), .init(address: "fd00::1", port: 15443)]])
        #expect(mesh.apply([.hostAddresses("lb.example.com", ["1.1.1.1", "fd00::1"])]).isEmpty)
        _ = mesh.apply([.meshNetworks(nil)])
        #expect(mesh.snapshot.topology == MeshTopology())
    }
}
