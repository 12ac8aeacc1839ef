/// What a proxy is in the mesh: the first part of its node id, and the argument of `pilot-agent proxy`.
package enum ProxyRole: String, Hashable, Sendable, CaseIterable {
    /// Beside an application.
    case sidecar
    /// A gateway.
    case router
    /// In front of a namespace's services.
    case waypoint
}
