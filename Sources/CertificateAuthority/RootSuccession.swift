package import FoundationEssentials
import X509

/// The self-signed root of a mesh, and the one that comes after it: what Secret `istio-ca-secret` holds.
///
/// ```
///            trusted        signs            Secret's keys
/// steady     A              A                ca-cert A
/// announced  A, B           A                ca-cert A, next-ca-cert B, root-cert A B
/// promoted   A, B           B                ca-cert B, root-cert A B, signing-since
/// steady     B              B                ca-cert B                     once no certificate under A can be valid
/// ```
/// At every step whoever has what the step before gave him trusts, and is trusted by, whoever has the next.
package struct RootSuccession: Hashable, Sendable {
    /// What signs; its bundle holds all roots that are trusted.
    package var current: CAMaterial
    /// What will sign: trusted already, so that everybody knows it by then.
    package var next: CAMaterial?
    /// When the current one began to sign, if another did before.
    package var signingSince: Date?

    /// A root without a successor.
    package init(_ current: CAMaterial, next: CAMaterial? = nil, signingSince: Date? = nil) {
        self.current = current
        self.next = next
        self.signingSince = signingSince
    }

    /// Whether what signs is a self-signed root; all others are for those to replace who plugged them in.
    package var isSelfSigned: Bool { current.isSelfSigned }
}

/// How a self-signed root is replaced.
package struct SuccessionPolicy: Hashable, Sendable {
    /// How new ones are made.
    package var root: SelfSignedRoot
    /// Share of a root's life, at its end, in which it is replaced.
    package var grace: Double
    /// No certificate is good for longer: so long after another root began to sign, the one before it is not needed.
    package var longestLeaf: Duration
    /// How long a new root is trusted before it signs: every proxy has renewed its certificate by then and has been
    /// told. At most half of what is left of the life of the old one.
    package var announcement: Duration

    package init(
        root: SelfSignedRoot, grace: Double = 0.2, longestLeaf: Duration = .seconds(90 * 86_400),
        announcement: Duration = .seconds(86_400)
    ) {
        self.root = root
        self.grace = grace
        self.longestLeaf = longestLeaf
        self.announcement = announcement
    }
}

extension RootSuccession {
    /// What became of a root.
    package enum Step: Hashable, Sendable {
        /// There is nothing to do before `until`.
        case unchanged(until: Date)
        /// There is a new root, which is only trusted so far.
        case announced(RootSuccession)
        /// The new root signs.
        case promoted(RootSuccession)
        /// Old roots are no longer trusted: nothing hangs on them.
        case retired(RootSuccession)

        /// What to write down; nil: nothing.
        package var change: RootSuccession? {
            switch self {
            case .unchanged: nil
            case .announced(let new), .promoted(let new), .retired(let new): new
            }
        }
    }

    /// What is due. To be asked again after every change, and at the moment it tells.
    ///
    /// - Throws: What the crypto library reports of a new key; not expected.
    package func step(now: Date, policy: SuccessionPolicy) throws -> Step {
        guard isSelfSigned else { return .unchanged(until: .distantFuture) }
        let retired = predecessors.filter { retirement(of: $0, policy) <= now }
        if !retired.isEmpty { return .retired(dropping(retired)) }
        let retirements = predecessors.map { retirement(of: $0, policy) }
        if let next {
            let moment = promotion(of: next, policy)
            if now >= moment { return .promoted(promoting(next, now: now)) }
            return .unchanged(until: ([moment] + retirements).min() ?? moment)
        }
        switch rotationVerdict(for: current.certificate, now: now, graceRatio: policy.grace) {
        case .expired:
            // Nobody trusts what it signs: there is nothing to wait for.
            return .promoted(promoting(try policy.root.material(now: now), now: now))
        case .expiresSoon:
            let new = try policy.root.material(now: now)
            return .announced(
                RootSuccession(current.trusting(new.trustBundle), next: new, signingSince: signingSince))
        case .notYetValid(let from):
            return .unchanged(until: from)
        case .valid(let renewAt):
            return .unchanged(until: ([renewAt] + retirements).min() ?? renewAt)
        }
    }

    private func promotion(of next: CAMaterial, _ policy: SuccessionPolicy) -> Date {
        let announced = next.validity.notBefore.addingTimeInterval(Validity.backdating.inSeconds)
        let left = current.validity.notAfter.timeIntervalSince(announced)
        return announced.addingTimeInterval(min(policy.announcement.inSeconds, max(0, left / 2)))
    }

    private func promoting(_ next: CAMaterial, now: Date) -> RootSuccession {
        RootSuccession(next.trusting(current.trustBundle), signingSince: now)
    }

    /// Roots that signed before this one: roots of other names were put here by people, who also take them away.
    private var predecessors: [Certificate] {
        current.trustBundle.certificates.filter {
            $0 != current.certificate && $0 != next?.certificate && $0.subject == current.certificate.subject
        }
    }

    private func retirement(of root: Certificate, _ policy: SuccessionPolicy) -> Date {
        let since = signingSince ?? current.validity.notBefore
        // A second more: a root is good up to its last.
        return min(
            root.notValidAfter.addingTimeInterval(1), since.addingTimeInterval(policy.longestLeaf.inSeconds))
    }

    private func dropping(_ roots: [Certificate]) -> RootSuccession {
        let kept = current.trustBundle.certificates.filter { !roots.contains($0) }
        let material = CAMaterial(
            certificate: current.certificate, privateKey: current.privateKey, intermediates: current.intermediates,
            trustBundle: TrustBundle(kept))
        return RootSuccession(material, next: next, signingSince: signingSince)
    }
}

extension Duration {
    /// In seconds, fractions dropped.
    var inSeconds: TimeInterval { TimeInterval(components.seconds) }
}
