import CertificateAuthority
import CertificateService
import ControlPlane
import Synchronization
import Testing

@Suite struct AuthoritySettingsTests {
    @Test func istiosNamesAndDefaults() {
        let defaults = AuthoritySettings(environment: [:])
        #expect(defaults == AuthoritySettings())
        #expect(defaults.lifetimes == LifetimePolicy(standard: .seconds(86_400), maximum: .seconds(7_776_000)))
        #expect(defaults.rootLifetime == .seconds(315_360_000))
        #expect(defaults.rootCheckInterval == .seconds(3600))
        #expect(defaults.rootGrace == 0.2)
        let settings = AuthoritySettings(environment: [
            "DEFAULT_WORKLOAD_CERT_TTL": "1m", "MAX_WORKLOAD_CERT_TTL": "48h",
            "CITADEL_SELF_SIGNED_CA_CERT_TTL": "720h", "CITADEL_SELF_SIGNED_CA_RSA_KEY_SIZE": "4096",
            "CITADEL_SELF_SIGNED_ROOT_CERT_CHECK_INTERVAL": "30s",
            "CITADEL_SELF_SIGNED_ROOT_CERT_GRACE_PERIOD_PERCENTILE": "50",
            "CA_TRUSTED_NODE_ACCOUNTS": "istio-system/ztunnel, kube-system/ztunnel",
            "EXTERNAL_CA": "ISTIOD_RA_KUBERNETES_API", "K8S_SIGNER": "example.com/a",
            "CERT_SIGNER_DOMAIN": "example.com",
        ])
        #expect(settings.lifetimes == LifetimePolicy(standard: .seconds(60), maximum: .seconds(172_800)))
        #expect(settings.rootLifetime == .seconds(2_592_000))
        #expect(settings.rootRSABits == 4096)
        #expect(settings.rootCheckInterval == .seconds(30))
        #expect(settings.rootGrace == 0.5)
        #expect(settings.trustedNodeAccounts == ["istio-system/ztunnel", "kube-system/ztunnel"])
        #expect(settings.external == ExternalSigning(defaultSigner: "example.com/a", domain: "example.com"))
    }

    @Test func whatMakesNoSenseIsSaid() {
        let said = Mutex<[String]>([])
        let settings = AuthoritySettings(environment: [
            "DEFAULT_WORKLOAD_CERT_TTL": "soon", "MAX_WORKLOAD_CERT_TTL": "0",
            "CITADEL_SELF_SIGNED_CA_RSA_KEY_SIZE": "512",
            "CITADEL_SELF_SIGNED_ROOT_CERT_GRACE_PERIOD_PERCENTILE": "101", "CA_TRUSTED_NODE_ACCOUNTS": "ztunnel,a/b",
        ]) { text in said.withLock { $0.append(text) } }
        var expected = AuthoritySettings()
        expected.trustedNodeAccounts = ["a/b"]
        #expect(settings == expected)
        let texts = said.withLock { $0 }
        #expect(texts.count == 5)
        for name in ["DEFAULT_WORKLOAD_CERT_TTL", "MAX_WORKLOAD_CERT_TTL", "RSA_KEY_SIZE", "PERCENTILE", "\"ztunnel\""]
        {
            #expect(texts.contains { $0.contains(name) })
        }
    }

    @Test func signersAreThoseOfTheDomain() throws {
        let signing = ExternalSigning(defaultSigner: "other.com/default", domain: "example.com")
        #expect(try signing.signer(nil) == "other.com/default")
        #expect(try signing.signer("foo") == "example.com/foo")
        for wanted in ["foo/bar", "a b", "ä", String(repeating: "a", count: 254)] {
            #expect(throws: SigningFailure.self) { try signing.signer(wanted) }
        }
        #expect(throws: SigningFailure.self) { try ExternalSigning(domain: "example.com").signer(nil) }
        #expect(throws: SigningFailure.self) { try ExternalSigning(defaultSigner: "a/b").signer("foo") }
        #expect(ExternalSigning(environment: ["K8S_SIGNER": "a/b"]) == nil)
    }
}
