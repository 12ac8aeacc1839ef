package import CertificateAuthority
package import FoundationEssentials

/// The moment at which a workload asks for its next certificate.
///
/// ```
/// notBefore ────────────────┬──────────── notAfter
///                           └ notAfter - (graceRatio + jitter) × lifetime
/// ```
///
/// - Parameters:
///   - validity: When the certificate in use is accepted. It begins a little before it was signed; what counts is
///     the span from `obtained` on.
///   - obtained: When it was signed.
///   - graceRatio: Share of the lifetime before the end, `0 ... 1`, clamped.
///   - jitter: Added to the ratio; drawn by the caller.
/// - Returns: A moment from `obtained` to the end. In the past: renew now.
package func renewalTime(for validity: Validity, obtained: Date, graceRatio: Double, jitter: Double) -> Date {
    let start = max(validity.notBefore, min(obtained, validity.notAfter))
    let grace = min(max(graceRatio + jitter, 0), 1)
    return validity.notAfter.addingTimeInterval(-grace * validity.notAfter.timeIntervalSince(start))
}
