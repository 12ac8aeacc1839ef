package import CertificateAuthority

/// What the certificate authority gives, and to whom.
package struct CertificatePolicy: Sendable {
    /// How long certificates are good for.
    package var lifetimes: LifetimePolicy
    /// The mesh's, and others it is also known by: for whose workloads certificates are made.
    package var trustDomains: @Sendable () -> [String]
    /// Requests that are worked on at once; more are told to come again.
    package var concurrency: Int

    package init(
        lifetimes: LifetimePolicy = LifetimePolicy(), trustDomains: @escaping @Sendable () -> [String],
        concurrency: Int = 1000
    ) {
        self.lifetimes = lifetimes
        self.trustDomains = trustDomains
        self.concurrency = concurrency
    }
}
