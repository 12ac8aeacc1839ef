import EnvoyBootstrap
import KubernetesModel
import Testing
import WorkloadCredentials

@testable import ProxyAgent

@Suite struct TokenConfigurationTests {
    private func configuration(
        _ environment: [String: String] = [:], port: Int? = 15463, plugin: String = "GoogleTokenExchange"
    ) throws -> AgentConfiguration {
        var flags = AgentFlags(role: .sidecar)
        flags.tokenServicePort = port
        flags.tokenPlugin = plugin
        return try AgentConfiguration(flags, from: ConfigurationSources(environment: environment))
    }

    @Test(arguments: [nil, 0]) func nobodyAsksForIt(_ port: Int?) throws {
        let found = try configuration(["TOKEN_EXCHANGE_URL": "https://sts.example/token"], port: port)
        #expect(try found.tokenServiceSettings == nil)
        #expect(found.node.metadata["STS_PORT"] == nil)
    }

    @Test func asksGoogleUnlessItIsToldOtherwise() throws {
        let plain = try configuration()
        let settings = try #require(try plain.tokenServiceSettings)
        #expect(settings.port == 15463)
        #expect(settings.host == "127.0.0.1")
        #expect(settings.url == "https://sts.googleapis.com/v1/token")
        #expect(settings.scope == "https://www.googleapis.com/auth/cloud-platform")
        #expect(settings.audience == nil)
        #expect(settings.rootFile == nil)
        // Where extensions of the proxy look for it.
        #expect(plain.node.metadata["STS_PORT"]?.string == "15463")
    }

    @Test func namesTheClusterAsGoogleDoes() throws {
        let url = "https://container.googleapis.com/v1/projects/shop/locations/west1-a/clusters/east"
        let named = try configuration(["TRUST_DOMAIN": "shop.svc.id.goog", "GKE_CLUSTER_URL": url])
        #expect(try named.tokenServiceSettings?.audience == "identitynamespace:shop.svc.id.goog:\(url)")
        let told = try configuration(["TRUST_DOMAIN": "shop.svc.id.goog", "GCP_METADATA": "shop|42|east|west1-a"])
        #expect(try told.tokenServiceSettings?.audience == "identitynamespace:shop.svc.id.goog:\(url)")
        #expect(try configuration(["GCP_METADATA": "shop|42"]).tokenServiceSettings?.audience == nil)
    }

    @Test func asksOthersAsTheyAreTold() throws {
        let found = try configuration([
            "TOKEN_EXCHANGE_URL": "https://sts.example/token", "TOKEN_EXCHANGE_ROOT_CA": "/roots.pem",
            "TOKEN_EXCHANGE_AUDIENCE": "pool",
        ])
        let settings = try #require(try found.tokenServiceSettings)
        #expect(settings.url == "https://sts.example/token")
        #expect(settings.rootFile == "/roots.pem")
        #expect(settings.audience == "pool")
        #expect(settings.scope == nil)
    }

    @Test func isHeldToThePolicyOfTheMesh() throws {
        #expect(try configuration().tokenServiceSettings?.compliance == nil)
        let held = try configuration(["COMPLIANCE_POLICY": "fips-140-2"])
        #expect(try held.tokenServiceSettings?.compliance == .fips1402)
    }

    @Test func tellsWhatItCannotDo() throws {
        let cases = [
            (try configuration(port: 70_000), "70000"), (try configuration(plugin: "Vault"), "Vault"),
            (try configuration(["TOKEN_EXCHANGE_URL": "http://sts.example/token"]), "https://"),
        ]
        for (found, word) in cases {
            #expect {
                _ = try found.tokenServiceSettings
            } throws: { "\($0)".contains(word) }
            #expect(found.node.metadata["STS_PORT"] == nil)
        }
    }
}
