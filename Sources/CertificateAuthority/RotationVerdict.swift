package import FoundationEssentials
package import X509

/// What a certificate's validity asks for at a moment.
package enum RotationVerdict: Hashable, Sendable {
    /// Nothing to do before `renewAt`.
    case valid(renewAt: Date)

    /// Still accepted, but in its grace period: replace it before `expiresAt`.
    case expiresSoon(expiresAt: Date)

    /// No longer accepted by anyone.
    case expired(since: Date)

    /// Accepted from `from` on; either the certificate or the clock is ahead.
    case notYetValid(from: Date)
}

/// Whether a certificate should be replaced.
///
/// ```
/// notBefore ───── valid ─────┬── expiresSoon ── notAfter ── expired
///                            └ notAfter - graceRatio × lifetime
/// ```
///
/// - Parameters:
///   - certificate: The certificate in use.
///   - now: The moment asked about.
///   - graceRatio: Share of the lifetime before expiry that counts as soon, `0 ... 1`, clamped. Default `0.2`, as
///     Istio's root check: a root of 3650 days is replaced 730 days before it ends.
/// - Complexity: O(1). Does not read the clock.
package func rotationVerdict(
    for certificate: Certificate, now: Date, graceRatio: Double = 0.2
) -> RotationVerdict {
    let start = certificate.notValidBefore
    let end = certificate.notValidAfter
    if now > end { return .expired(since: end) }
    if now < start { return .notYetValid(from: start) }
    let grace = end.timeIntervalSince(start) * min(max(graceRatio, 0), 1)
    let renewAt = end.addingTimeInterval(-grace)
    return now >= renewAt ? .expiresSoon(expiresAt: end) : .valid(renewAt: renewAt)
}
