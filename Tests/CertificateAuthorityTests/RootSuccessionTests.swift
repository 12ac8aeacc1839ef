import Foundation
import MeshTesting
import Testing
import X509

@testable import CertificateAuthority

/// A self-signed root and those that come after it, as time goes by.
@Suite struct RootSuccessionTests {
    private let policy = SuccessionPolicy(
        root: SelfSignedRoot(lifetime: .seconds(100 * day)), grace: 0.2, longestLeaf: .seconds(10 * day),
        announcement: .seconds(day))

    private func change(_ state: RootSuccession, at moment: Date) throws -> RootSuccession {
        try #require(try state.step(now: moment, policy: policy).change)
    }

    @Test func oneRootAfterAnother() throws {
        let a = try policy.root.material(now: noon)
        let steady = RootSuccession(a)
        #expect(try steady.step(now: noon, policy: policy) == .unchanged(until: a.validity.notAfter - 20 * day - 24))

        let announced = try change(steady, at: noon + 81 * day)
        let b = try #require(announced.next)
        #expect(announced.current.certificate == a.certificate)
        #expect(announced.current.trustBundle == a.trustBundle.merged(with: b.trustBundle))
        #expect(
            try announced.step(now: noon + 81.5 * day, policy: policy) == .unchanged(until: noon + 82 * day))

        let promoted = try change(announced, at: noon + 82 * day)
        #expect(promoted.current.certificate == b.certificate)
        #expect(promoted.current.trustBundle == announced.current.trustBundle)
        #expect(promoted.next == nil)
        #expect(try promoted.step(now: noon + 83 * day, policy: policy) == .unchanged(until: noon + 92 * day))

        let retired = try change(promoted, at: noon + 92 * day)
        #expect(retired.current.trustBundle == b.trustBundle)
        #expect(retired.current.isSelfSigned)
    }

    /// With little time left the new root signs halfway to the end of the old one.
    @Test func theLastMinuteIsEnough() throws {
        let a = try policy.root.material(now: noon)
        let end = a.validity.notAfter
        let announced = try change(RootSuccession(a), at: end - 3600)
        #expect(try announced.step(now: end - 1801, policy: policy) == .unchanged(until: end - 1800))
        #expect(try change(announced, at: end - 1800).current.certificate == announced.next?.certificate)
    }

    /// Nobody looked for a hundred days: the next one signs at once, and what is left of the old one goes.
    @Test func anExpiredRootIsReplacedAtOnce() throws {
        let a = try policy.root.material(now: noon)
        let data = RootSuccession(a).secretData
        let late = noon + 150 * day
        let read = try RootSuccession(secretData: data, now: late)
        #expect(read.current == a)
        let replaced = try change(read, at: late)
        #expect(replaced.current.certificate != a.certificate)
        #expect(replaced.current.validity.contains(late))
        #expect(try change(replaced, at: late).current.trustBundle.certificates == [replaced.current.certificate])
    }

    @Test func aPluggedInAuthorityIsLeftAlone() throws {
        let root = try Authority("Root", to: noon + 10)
        let signing = try Authority("Signing", issuer: root, to: noon + 10)
        let material = try CAMaterial(
            secretData: secret([
                "ca-cert.pem": signing.certificatePEM, "ca-key.pem": signing.keyPEM,
                "root-cert.pem": root.certificatePEM,
            ]), now: noon)
        #expect(try RootSuccession(material).step(now: noon, policy: policy) == .unchanged(until: .distantFuture))
    }

    /// Roots that people put there are theirs to take away.
    @Test func foreignRootsStay() throws {
        let a = try policy.root.material(now: noon)
        let foreign = try SelfSignedRoot(trustDomain: "other").material(now: noon)
        var state = RootSuccession(a.trusting(foreign.trustBundle))
        for days in 0..<400 {
            while let next = try state.step(now: noon + Double(days) * day, policy: policy).change { state = next }
        }
        #expect(state.current.trustBundle.certificates.contains(foreign.certificate))
        #expect(!state.current.trustBundle.certificates.contains(a.certificate))
    }

    /// A successor that nobody was told to trust must not sign; another is announced.
    @Test func aSuccessorThatIsNotTrustedIsNone() throws {
        let a = try policy.root.material(now: noon)
        let announced = try change(RootSuccession(a), at: noon + 81 * day)
        var data = announced.secretData
        data["root-cert.pem"] = []
        let read = try RootSuccession(secretData: data, now: noon + 83 * day)
        #expect(read == RootSuccession(a))
    }

    /// Any policy, any pauses between looks, a restart at every step: nobody is ever left without trust.
    @Test(arguments: 0..<12) func nobodyIsLeftBehind(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let lifetime = Int.random(in: 20...200, using: &random)
        let policy = SuccessionPolicy(
            root: SelfSignedRoot(lifetime: .seconds(lifetime * 3600)),
            grace: Double.random(in: 0.05...0.9, using: &random),
            longestLeaf: .seconds(Int.random(in: 1...lifetime, using: &random) * 3600),
            announcement: .seconds(Int.random(in: 0...10, using: &random) * 3600))
        var now = noon
        var state = RootSuccession(try policy.root.material(now: now))
        var leaves: [Certificate] = []
        /// When each root began to be trusted.
        var trustedSince: [Certificate: Date] = [state.current.certificate: noon]
        let key = try CertificateRequest(spiffeID: "spiffe://cluster.local/ns/a/sa/b").privateKey.key.publicKey
        var replaced = 0
        for _ in 0..<150 {
            let before = state
            var changes = 0
            while let next = try state.step(now: now, policy: policy).change {
                // Another leader goes on with what is written.
                state = try RootSuccession(secretData: next.secretData, now: now)
                #expect(state == next)
                changes += 1
                try #require(changes < 5, "it never comes to rest")
            }
            for root in state.current.trustBundle.certificates where trustedSince[root] == nil {
                trustedSince[root] = now
            }
            let signer = state.current
            if signer.certificate != before.current.certificate, before.current.validity.contains(now) {
                replaced += 1
                let since = try #require(trustedSince[signer.certificate])
                let left = before.current.validity.notAfter.timeIntervalSince(since)
                #expect(now.timeIntervalSince(since) >= min(policy.announcement.inSeconds, left / 2))
            }
            #expect(signer.validity.contains(now))
            #expect(signer.trustBundle.certificates.allSatisfy { $0.notValidAfter >= now })
            leaves.append(
                try CertificateIssuer(signer).issue(
                    to: ["spiffe://cluster.local/ns/a/sa/b"], publicKey: key,
                    lifetime: policy.longestLeaf, now: now
                ).certificate)
            leaves.removeAll { $0.notValidAfter < now }
            for leaf in leaves {
                let isTrusted = signer.trustBundle.certificates.contains { root in
                    root.notValidAfter >= now && root.publicKey.isValidSignature(leaf.signature, for: leaf)
                }
                #expect(isTrusted, "a leaf until \(leaf.notValidAfter) at \(now)")
            }
            now += Double(Int.random(in: 1...14_400, using: &random))
            if Int.random(in: 0..<40, using: &random) == 0 { now += Double(lifetime) * 1800 }
        }
        #expect(replaced > 0)
    }
}
