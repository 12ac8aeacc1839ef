import KubernetesModel

/// The version of an Envoy.
package struct EnvoyVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var major: Int
    package var minor: Int
    package var patch: Int

    package init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    package var description: String { "\(major).\(minor).\(patch)" }

    package static func < (left: EnvoyVersion, right: EnvoyVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}

/// What a proxy can be sent.
package struct ProxyCapabilities: Hashable, Sendable {
    /// It has the filters that only Istio's build of Envoy has: exchange of peers' metadata, and Istio's statistics.
    package var hasIstioFilters: Bool
    /// The Envoy's version; nil if it does not tell, and then only what every supported version has is sent.
    package var version: EnvoyVersion?
    /// Its agent counts connections, told of them by Envoy.
    package var hasConnectionLog: Bool
    /// Its agent counts requests, told of some by Envoy.
    package var hasRequestLog: Bool

    /// It can count with labels of our choice. Istio's build counts by a filter of its own.
    package var countsTraffic: Bool { !hasIstioFilters && (version.map { $0 >= EnvoyVersion(1, 36) } ?? true) }

    package init(
        hasIstioFilters: Bool = false, version: EnvoyVersion? = nil, hasConnectionLog: Bool = false,
        hasRequestLog: Bool = false
    ) {
        self.hasIstioFilters = hasIstioFilters
        self.version = version
        self.hasConnectionLog = hasConnectionLog
        self.hasRequestLog = hasRequestLog
    }

    /// A proxy that lists its extensions has what it lists. Otherwise the agent's word on the build it started counts,
    /// and without any the proxy is upstream's.
    package init(_ node: ProxyNode) {
        let hasIstioFilters =
            node.extensions.isEmpty
            ? node.metadata["ISTIO_PROXY_SHA"]?.string?.hasPrefix("istio-proxy:") ?? false
            : node.extensions.contains(where: istioExtensions.contains)
        self.init(
            hasIstioFilters: hasIstioFilters, version: node.version,
            hasConnectionLog: node.metadata["TELEMETRY_CONNECTIONS"]?.string == connectionLogCluster,
            hasRequestLog: node.metadata["TELEMETRY_REQUESTS"]?.string == connectionLogCluster)
    }
}

/// The agent's cluster in the bootstrap, by its only name.
private let connectionLogCluster = "als-grpc"

private let istioExtensions: Set<String> = ["istio.stats", "envoy.filters.http.peer_metadata", "istio_authn"]
