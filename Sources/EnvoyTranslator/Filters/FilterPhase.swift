/// When a filter works, in the order in which they do.
///
/// Those that people bring along (WasmPlugin and its like) come before the built-in ones of the phase they name.
package enum FilterPhase: Int, Hashable, Sendable, Comparable, CaseIterable {
    /// What peers say of themselves is taken in, before anything else sees it.
    case peers
    /// Services that decide by themselves are asked first (AuthorizationPolicy with action CUSTOM).
    case externalAuthorization
    /// What people bring along for phase `AUTHN`.
    case ownAuthentication
    /// Tokens are verified.
    case authentication
    /// What people bring along for phase `AUTHZ`.
    case ownAuthorization
    /// Policies decide.
    case authorization
    /// What people bring along for phase `STATS`.
    case ownStatistics
    /// What people bring along without saying for when.
    case ownUnspecified
    /// Numbers are taken of all that came through, after faults and CORS and right before the router.
    case telemetry
    /// The host that a request names, or the endpoint that its client has been served by, is looked up, right before the
    /// router.
    case lookup

    package static func < (left: FilterPhase, right: FilterPhase) -> Bool { left.rawValue < right.rawValue }
}
