/// What has been told of a workload's health.
package enum WorkloadHealth: Hashable, Sendable {
    /// It can be sent requests.
    case healthy
    /// It cannot, and why.
    case unhealthy(String)
}
