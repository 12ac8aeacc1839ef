import Foundation
import Testing

@testable import CertificateAuthority

@Suite struct RotationVerdictTests {
    /// A certificate of 100 days: the grace period is its last 20.
    @Test func followsTheLifetime() throws {
        let start = noon
        let end = noon + 100 * day
        let certificate = try Authority("Root", from: start, to: end).certificate
        func verdict(_ days: Double) -> RotationVerdict { rotationVerdict(for: certificate, now: noon + days * day) }

        #expect(verdict(-1) == .notYetValid(from: start))
        #expect(verdict(0) == .valid(renewAt: noon + 80 * day))
        #expect(verdict(79.999) == .valid(renewAt: noon + 80 * day))
        #expect(verdict(80) == .expiresSoon(expiresAt: end))
        #expect(verdict(100) == .expiresSoon(expiresAt: end))
        #expect(verdict(100.001) == .expired(since: end))
    }

    @Test func takesAnotherGrace() throws {
        let certificate = try Authority("Root", from: noon, to: noon + 100 * day).certificate
        #expect(rotationVerdict(for: certificate, now: noon, graceRatio: 0.5) == .valid(renewAt: noon + 50 * day))
        let end = noon + 100 * day
        #expect(rotationVerdict(for: certificate, now: noon, graceRatio: 7) == .expiresSoon(expiresAt: end))
    }
}
