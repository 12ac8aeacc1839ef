import AgentRuntime
import CertificateAuthority
import Foundation
import Testing

@testable import WorkloadCredentials

enum CertificateRequestFixture {
    static func make() throws -> PrivateKeyPEM { try CertificateRequest(spiffeID: "spiffe://a/ns/b/sa/c").privateKey }
}

@Suite struct TimingTests {
    private let start = Date(timeIntervalSince1970: 1_000_000)

    @Test(arguments: [(0.5, 0.0, 43_200.0), (0.5, 0.01, 42_336.0), (0.2, 0, 69_120), (0, -0.01, 86_400), (1, 0.01, 0)])
    func renewal(_ ratio: Double, _ jitter: Double, _ after: Double) {
        let validity = Validity(now: start, lifetime: .seconds(86_400))
        let moment = renewalTime(for: validity, obtained: start, graceRatio: ratio, jitter: jitter)
        #expect(abs(moment.timeIntervalSince(start) - after) < 0.001)
    }

    /// The minutes before a certificate was signed are not part of its life.
    @Test func aShortLifeIsNotHalvedTwice() {
        let validity = Validity(now: start, lifetime: .seconds(10))
        #expect(validity.notBefore < start)
        let moment = renewalTime(for: validity, obtained: start, graceRatio: 0.5, jitter: 0)
        #expect(moment.timeIntervalSince(start) == 5)
    }

    @Test func delaysGrowUpToALimit() {
        let backoff = Backoff(initial: .milliseconds(100), maximum: .seconds(1))
        #expect(backoff.delay(afterFailures: 1, random: 1) == .milliseconds(100))
        #expect(backoff.delay(afterFailures: 1, random: 0) == .milliseconds(50))
        #expect(backoff.delay(afterFailures: 3, random: 1) == .milliseconds(400))
        #expect(backoff.delay(afterFailures: 1000, random: 1) == .seconds(1))
        #expect(backoff.delay(afterFailures: 1000, random: 0) == .milliseconds(500))
    }
}
