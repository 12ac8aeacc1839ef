import EnvoyAPI
import SwiftProtobuf
import Testing
import TrafficSimulator

@Suite("Which listener takes a call")
struct ListenerTests {
    private func listeners() throws -> ProxyConfiguration {
        ProxyConfiguration(listeners: [
            .init("0.0.0.0_80", "0.0.0.0", 80, [try .init("wildcard")]),
            .init("10.0.0.1_80", "10.0.0.1", 80, [try .init("exact")]),
            .init("six", "2001:db8::1", 80, [try .init("six")]),
            .init("virtualOutbound", "0.0.0.0", 15001, [try .init("passthrough")]),
            .init("virtualInbound", "0.0.0.0", 15006, [try .init("inbound")]),
        ])
    }

    @Test(
        "Its own address wins, then all addresses of its port, then the one that capture knows",
        arguments: [
            ("10.0.0.1", 80, "10.0.0.1_80"), ("10.0.0.2", 80, "0.0.0.0_80"), ("10.0.0.1", 81, "virtualOutbound"),
            ("10.0.0.1", 15001, "virtualOutbound"), ("2001:0db8:0::1", 80, "six"),
            ("2001:db8::2", 80, "virtualOutbound"),
        ])
    func byAddress(address: String, port: Int, expected: String) throws {
        let call = Call(address: address, port: port)
        #expect(simulation(of: call, through: try listeners()).listener == expected)
    }

    @Test("To the conformance tests 0.0.0.0 takes IPv6, too")
    func wildcardOfBothFamilies() throws {
        let call = Call(address: "2001:db8::2", port: 80)
        #expect(simulation(of: call, through: try listeners(), policy: .conformance).listener == "0.0.0.0_80")
    }

    @Test("An inbound call comes to one listener whatever its address")
    func inbound() throws {
        let call = Call(address: "10.0.0.1", port: 80, capture: .inbound)
        #expect(simulation(of: call, through: try listeners()).listener == "virtualInbound")
    }

    @Test("Without any there is an error")
    func none() throws {
        let configuration = ProxyConfiguration(listeners: [.init("a", "10.0.0.1", 80, [try .init("exact")])])
        let result = simulation(of: Call(address: "10.0.0.1", port: 81, capture: .gateway), through: configuration)
        #expect(result.error == .noListener)
        #expect(result.listener.isEmpty)
    }

    @Test("Other addresses of a listener count as well")
    func additionalAddresses() throws {
        var listener = Envoy_Config_Listener_V3_Listener("dual", "10.0.0.1", 80, [try .init("exact")])
        listener.additionalAddresses = [
            .with {
                $0.address.socketAddress.address = "fd00::1"
                $0.address.socketAddress.portValue = 80
            }
        ]
        let configuration = ProxyConfiguration(listeners: [listener])
        #expect(simulation(of: Call(address: "fd00::1", port: 80), through: configuration).cluster == "exact")
    }
}
