/// How long the certificates of workloads are good for.
package struct LifetimePolicy: Hashable, Sendable {
    /// Of those who ask for nothing in particular: DEFAULT_WORKLOAD_CERT_TTL.
    package var standard: Duration
    /// Who asks for more is refused: MAX_WORKLOAD_CERT_TTL.
    package var maximum: Duration

    /// A day, and 90 days at most, as Istio's.
    package init(standard: Duration = .seconds(86_400), maximum: Duration = .seconds(90 * 86_400)) {
        self.maximum = maximum
        self.standard = min(standard, maximum)
    }

    /// What is granted to who asks for so many seconds; none or fewer ask for nothing in particular.
    ///
    /// - Throws: ``LifetimeTooLong``.
    package func granted(seconds: Int64) throws(LifetimeTooLong) -> Duration {
        guard seconds > 0 else { return standard }
        let wanted = Duration.seconds(seconds)
        guard wanted <= maximum else { throw LifetimeTooLong(wanted: wanted, maximum: maximum) }
        return wanted
    }
}

/// A certificate was asked for that would be good for longer than any may be.
package struct LifetimeTooLong: Error, Hashable, Sendable, CustomStringConvertible {
    package var wanted: Duration
    package var maximum: Duration

    /// One line: what was asked for, and what is possible.
    package var description: String {
        "a certificate for \(wanted.components.seconds) s is more than the \(maximum.components.seconds) s that this "
            + "authority gives: ask for less, or raise MAX_WORKLOAD_CERT_TTL"
    }
}
