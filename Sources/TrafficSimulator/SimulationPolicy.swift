/// What the conformance tests of Istio leave out of Envoy's decisions, or take otherwise, point by point.
package struct SimulationPolicy: Hashable, Sendable {
    /// Method, headers, query parameters and all else of a route's match count, besides the path.
    package var looksBeyondPath: Bool
    /// A regular expression has to match all of a path, not just a part of it.
    package var needsWholePath: Bool
    /// Where a connection comes from counts for the choice of its filter chain.
    package var looksAtSources: Bool
    /// A range of addresses that holds all of them counts as none, instead of as one that never matches.
    package var takesFullRangesAsNone: Bool
    /// Without the TLS inspector nobody knows the server name that a client asks for.
    package var needsInspectorForServerName: Bool
    /// Listeners of all addresses of a family take only calls of that family.
    package var separatesFamilies: Bool
    /// A chain that does not ask for clients' certificates takes clients that have one, and it does not matter what a
    /// server's certificate is called.
    package var acceptsUnaskedCertificates: Bool
    /// Filters that allow and refuse calls are evaluated.
    package var evaluatesPolicies: Bool
    /// Filters that choose a cluster by the server name do so.
    package var forwardsByServerName: Bool

    /// As a real Envoy does.
    package static let envoy = SimulationPolicy(
        looksBeyondPath: true, needsWholePath: true, looksAtSources: true, takesFullRangesAsNone: true,
        needsInspectorForServerName: true, separatesFamilies: true, acceptsUnaskedCertificates: true,
        evaluatesPolicies: true, forwardsByServerName: true)

    /// As Istio's simulation tests do.
    package static let conformance = SimulationPolicy(
        looksBeyondPath: false, needsWholePath: false, looksAtSources: false, takesFullRangesAsNone: false,
        needsInspectorForServerName: false, separatesFamilies: false, acceptsUnaskedCertificates: false,
        evaluatesPolicies: false, forwardsByServerName: false)
}
