package import FoundationEssentials

/// The span in which a new certificate is accepted.
package struct Validity: Hashable, Sendable {
    /// First moment, whole seconds.
    package var notBefore: Date

    /// Last moment, whole seconds.
    package var notAfter: Date

    /// How far certificates reach back before they were made, so that clocks a little behind accept them.
    package static let backdating: Duration = .seconds(120)

    /// From a little before `now` to `now + lifetime`, never beyond `limit`.
    ///
    /// - Parameters:
    ///   - now: The moment of signing; fractions of a second are dropped.
    ///   - lifetime: How long from `now`.
    ///   - limit: The issuer's own validity: no certificate starts before or outlives its issuer.
    package init(now: Date, lifetime: Duration, within limit: Validity? = nil) {
        let second = Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down))
        notBefore = second.addingTimeInterval(-Double(Self.backdating.components.seconds))
        notAfter = second.addingTimeInterval(Double(lifetime.components.seconds))
        if let limit {
            notBefore = max(notBefore, limit.notBefore)
            notAfter = min(notAfter, limit.notAfter)
        }
    }

    /// An exact span.
    package init(notBefore: Date, notAfter: Date) {
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    /// Whether `moment` lies within, both ends included.
    package func contains(_ moment: Date) -> Bool { notBefore <= moment && moment <= notAfter }
}
