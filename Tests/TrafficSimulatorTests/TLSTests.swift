import EnvoyAPI
import Testing
import TrafficSimulator

@Suite("What TLS does to a call")
struct TLSTests {
    private func error(
        _ chain: Envoy_Config_Listener_V3_FilterChain, _ security: Call.Security, policy: SimulationPolicy = .envoy,
        content: Call.Content = .tcp, certificate: String = "default"
    ) -> SimulationError? {
        var call = Call(address: "10.0.0.1", port: 80)
        call.security = security
        call.content = content
        call.meshCertificate = certificate
        let listener = Envoy_Config_Listener_V3_Listener("all", "0.0.0.0", 80, [chain])
        return simulation(of: call, through: ProxyConfiguration(listeners: [listener]), policy: policy).error
    }

    @Test("A chain that asks clients for certificates takes only those that have one")
    func mutual() throws {
        let chain = try Envoy_Config_Listener_V3_FilterChain("mutual").endingTLS(asksClients: true)
        for policy in [SimulationPolicy.envoy, .conformance] {
            #expect(error(chain, .plaintext, policy: policy) == .tls)
            #expect(error(chain, .tls, policy: policy) == .mutualTLS)
            #expect(error(chain, .mtls, policy: policy) == nil)
        }
    }

    @Test("To the conformance tests a chain is for one kind of client, and mutual by the name of its certificate")
    func certificateNames() throws {
        let other = try Envoy_Config_Listener_V3_FilterChain("mutual")
            .endingTLS(certificate: "file-cert:a~b", asksClients: true)
        #expect(error(other, .mtls, policy: .conformance) == .mutualTLS)
        #expect(error(other, .mtls, policy: .conformance, certificate: "file-cert:a~b") == nil)
        #expect(error(other, .mtls) == nil)
        let simple = try Envoy_Config_Listener_V3_FilterChain("simple").endingTLS()
        #expect(error(simple, .tls, policy: .conformance) == nil)
        #expect(error(simple, .mtls, policy: .conformance) == .mutualTLS)
        #expect(error(simple, .mtls) == nil)
    }

    @Test("TLS passes where no chain ends it, but is no HTTP")
    func passing() throws {
        #expect(error(try .init("tcp"), .tls) == nil)
        let http = try Envoy_Config_Listener_V3_FilterChain.http("http", .init([.init("all", ["*"])]))
        #expect(error(http, .tls, content: .http) == .content)
        #expect(error(http, .plaintext, content: .tcp) == .content)
        #expect(error(try http.endingTLS(), .tls, content: .tcp) == .content)
        #expect(error(try http.endingTLS(), .tls, content: .http2) == nil)
    }
}
