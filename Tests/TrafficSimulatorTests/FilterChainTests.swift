import EnvoyAPI
import SwiftProtobuf
import Testing
import TrafficSimulator

@Suite("Which filter chain takes a connection")
struct FilterChainTests {
    private typealias Chain = Envoy_Config_Listener_V3_FilterChain

    private func choice(
        _ chains: [Envoy_Config_Listener_V3_FilterChain], inspects: Bool = true, policy: SimulationPolicy = .envoy,
        _ change: (inout Call) -> Void = { _ in }
    ) -> Simulation {
        var listener = Envoy_Config_Listener_V3_Listener("virtualInbound", "0.0.0.0", 15006, chains)
        if inspects { listener = listener.inspecting() }
        var call = Call(address: "10.0.0.1", port: 80, capture: .inbound)
        call.content = .tcp
        change(&call)
        return simulation(of: call, through: ProxyConfiguration(listeners: [listener]), policy: policy)
    }

    @Test("The port is asked first, and a chain without one is lost to it")
    func destinationPort() throws {
        let chains = [try Chain("any"), try Chain("80") { $0.destinationPort = 80 }]
        #expect(choice(chains).cluster == "80")
        #expect(choice(chains) { $0.port = 81 }.cluster == "any")
    }

    @Test("There is no way back: a port's chain that fails later takes the catch-all with it")
    func noWayBack() throws {
        let chains = [
            try Chain("any"),
            try Chain("80 with TLS") {
                $0.destinationPort = 80
                $0.transportProtocol = "tls"
            },
        ]
        #expect(choice(chains).error == .noFilterChain)
        #expect(choice(chains) { $0.security = .tls }.cluster == "80 with TLS")
    }

    @Test("The longest range that holds the address wins")
    func destinationRange() throws {
        func range(_ prefix: String, _ length: UInt32) -> Envoy_Config_Core_V3_CidrRange {
            .with {
                $0.addressPrefix = prefix
                $0.prefixLen = .init(length)
            }
        }
        let chains = [
            try Chain("8") { $0.prefixRanges = [range("10.0.0.0", 8)] },
            try Chain("30") { $0.prefixRanges = [range("192.168.0.0", 16), range("10.0.0.0", 30)] },
            try Chain("six") { $0.prefixRanges = [range("fd00::", 61)] },
            try Chain("any"),
        ]
        #expect(choice(chains).cluster == "30")
        #expect(choice(chains) { $0.address = "10.0.0.5" }.cluster == "8")
        #expect(choice(chains) { $0.address = "11.0.0.5" }.cluster == "any")
        #expect(choice(chains) { $0.address = "fd00::7:0:0:0:1" }.cluster == "six")
        #expect(choice(chains) { $0.address = "fd00:0:0:8::1" }.cluster == "any")

        let all = [
            try Chain("all") { $0.prefixRanges = [range("0.0.0.0", 0)] }, try Chain("30") { $0.destinationPort = 1 },
        ]
        #expect(choice(all).cluster == "all")
        #expect(choice(all, policy: .conformance).error == .noFilterChain)
    }

    @Test(
        "An exact server name wins, then the longest wildcard, then a chain that asks for none",
        arguments: [
            ("a.example.com", "exact"), ("b.example.com", "*.example.com"), ("A.Example.Com", "exact"),
            ("x.b.example.com", "*.example.com"), ("example.com", "*.com"), ("example.org", "none"), ("", "none"),
        ])
    func serverNames(name: String, expected: String) throws {
        let chains = [
            try Chain("*.com") { $0.serverNames = ["*.com"] },
            try Chain("*.example.com") { $0.serverNames = ["*.example.com"] },
            try Chain("exact") { $0.serverNames = ["other.org", "a.example.com"] },
            try Chain("none"),
        ]
        let result = choice(chains) {
            $0.security = .tls
            $0.serverName = name
        }
        #expect(result.cluster == expected)
    }

    @Test("Without the TLS inspector nothing of TLS is seen; the server name stays visible to the conformance tests")
    func withoutInspector() throws {
        let chains = [
            try Chain("tls") { $0.transportProtocol = "tls" }, try Chain("name") { $0.serverNames = ["a"] },
            try Chain("protocol") { $0.applicationProtocols = ["h2"] }, try Chain("none"),
        ]
        func call(_ call: inout Call) {
            call.security = .tls
            call.serverName = "a"
            call.applicationProtocols = ["h2"]
        }
        #expect(choice(chains, inspects: false, call).cluster == "none")
        #expect(choice(chains, inspects: false, policy: .conformance, call).cluster == "name")
        #expect(choice(chains, call).cluster == "name")
    }

    @Test("An inspector may be off for a port; ranges of ports hold their start and not their end")
    func disabledInspector() throws {
        let chains = [try Chain("tls") { $0.transportProtocol = "tls" }, try Chain("any")]
        let off: Envoy_Config_Listener_V3_ListenerFilterChainMatchPredicate = .with {
            $0.orMatch.rules = [
                .with { $0.destinationPortRange = .with { ($0.start, $0.end) = (80, 82) } },
                .with { $0.notMatch.destinationPortRange = .with { ($0.start, $0.end) = (0, 90) } },
            ]
        }
        let listener = Envoy_Config_Listener_V3_Listener("virtualInbound", "0.0.0.0", 15006, chains)
            .inspecting(disabled: off)
        let configuration = ProxyConfiguration(listeners: [listener])
        func cluster(_ port: Int) -> String {
            var call = Call(address: "10.0.0.1", port: port, capture: .inbound)
            call.security = .tls
            return simulation(of: call, through: configuration).cluster
        }
        #expect([79, 80, 81, 82, 89, 90].map(cluster) == ["tls", "any", "any", "tls", "tls", "any"])
    }

    @Test(
        "What is spoken is told by the HTTP inspector for plaintext, and by ALPN for TLS",
        arguments: [
            (Call.Content.http, Call.Security.plaintext, "", "http"), (.http2, .plaintext, "", "h2c"),
            (.tcp, .plaintext, "", "any"), (.tcp, .tls, "istio", "istio"), (.http, .tls, "", "any"),
            (.http, .mtls, "unknown", "any"),
        ])
    func applicationProtocols(
        content: Call.Content, security: Call.Security, protocolName: String, expected: String
    ) throws {
        let chains = [
            try Chain("http") { $0.applicationProtocols = ["http/1.0", "http/1.1"] },
            try Chain("h2c") { $0.applicationProtocols = ["h2c"] },
            try Chain("istio") { $0.applicationProtocols = ["istio"] }, try Chain("any"),
        ]
        let result = choice(chains) {
            $0.content = content
            $0.security = security
            $0.applicationProtocols = [protocolName]
        }
        #expect(result.cluster == expected)
    }

    @Test("Where a call comes from counts to Envoy, and not to the conformance tests")
    func sources() throws {
        let chains = [
            try Chain("near") {
                $0.sourcePrefixRanges = [
                    .with {
                        $0.addressPrefix = "10.1.0.0"
                        $0.prefixLen = 16
                    }
                ]
            }, try Chain("any"),
        ]
        #expect(choice(chains) { $0.sourceAddress = "10.1.2.3" }.cluster == "near")
        #expect(choice(chains) { $0.sourceAddress = "10.2.2.3" }.cluster == "any")
        #expect(choice(chains, policy: .conformance) { $0.sourceAddress = "10.1.2.3" }.error == .multipleFilterChains)
    }

    @Test("The default takes what no other chain does")
    func defaultChain() throws {
        var listener = Envoy_Config_Listener_V3_Listener(
            "virtualInbound", "0.0.0.0", 15006, [try Chain("81") { $0.destinationPort = 81 }])
        listener.defaultFilterChain = try Chain("default")
        let call = Call(address: "10.0.0.1", port: 80, capture: .inbound)
        #expect(simulation(of: call, through: ProxyConfiguration(listeners: [listener])).filterChain == "default")
    }
}
