/// When a workload that fails is left out for a while. What is nil is left to the proxy.
package struct OutlierDetection: Hashable, Sendable {
    /// Failures in a row; 0: they do not count.
    package var consecutive5xxErrors: Int?
    package var consecutiveGatewayErrors: Int?
    package var consecutiveLocalOriginFailures: Int?
    /// Statuses that count as failures; empty: those from 500 on.
    package var errorStatuses: [Int] = []
    /// Connection failures are counted apart from bad answers.
    package var splitsLocalOriginErrors = false
    package var interval: Duration?
    package var baseEjectionTime: Duration?
    package var maxEjectionPercent: Int?
    /// Below this share of healthy workloads all of them are called again.
    package var minHealthPercent = 0

    package init() {}
}
