package import KubernetesModel

/// What an Envoy says of itself in the first request of a stream, as plain values.
package struct ProxyNode: Hashable, Sendable {
    /// `KIND~ADDRESS~NAME.NAMESPACE~DNS-DOMAIN`.
    package var id: String
    /// The service it belongs to, in its own words.
    package var cluster: String
    package var metadata: JSONValue
    package var locality: Locality
    /// `envoy`, or the name of another client.
    package var userAgent: String
    package var version: EnvoyVersion?
    /// The names of the extensions it was built with; empty if it does not tell.
    package var extensions: [String]

    package init(
        id: String, cluster: String = "", metadata: JSONValue = .object([:]), locality: Locality = .unknown,
        userAgent: String = "envoy", version: EnvoyVersion? = nil, extensions: [String] = []
    ) {
        self.id = id
        self.cluster = cluster
        self.metadata = metadata
        self.locality = locality
        self.userAgent = userAgent
        self.version = version
        self.extensions = extensions
    }
}

/// A node id that tells nothing.
package struct ProxyNodeError: Error, Hashable, Sendable, CustomStringConvertible {
    package var id: String
    package var problem: String

    package var description: String {
        "cannot serve the proxy with node id \"\(id)\": \(problem); expected is KIND~ADDRESS~NAME.NAMESPACE~DOMAIN with "
            + "KIND sidecar, router, waypoint or ztunnel, as pilot-agent writes it"
    }
}
