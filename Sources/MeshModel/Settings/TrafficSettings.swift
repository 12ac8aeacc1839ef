package import KubernetesModel

/// When idle connections are probed; nil leaves it to the system.
package struct TCPKeepalive: Hashable, Sendable {
    package var time: Duration?
    package var interval: Duration?
    package var probes: Int?

    package init(time: Duration? = nil, interval: Duration? = nil, probes: Int? = nil) {
        self.time = time
        self.interval = interval
        self.probes = probes
    }
}

/// How paths of requests are normalized before rules are looked up.
package enum PathNormalization: String, Hashable, Sendable {
    case none = "NONE"
    case base = "BASE"
    case mergeSlashes = "MERGE_SLASHES"
    case decodeAndMergeSlashes = "DECODE_AND_MERGE_SLASHES"
}

/// What of TLS is allowed. Empty lists leave it to the proxy.
package struct TLSVersions: Hashable, Sendable {
    /// `TLSV1_2` or `TLSV1_3`; nil for the proxy's own choice.
    package var minimumVersion: String?
    package var cipherSuites: [String]
    package var curves: [String]
    /// What has the last word, whatever anybody configured; nil for nothing.
    package var compliance: CompliancePolicy?

    package init(
        minimumVersion: String? = nil, cipherSuites: [String] = [], curves: [String] = [],
        compliance: CompliancePolicy? = nil
    ) {
        self.minimumVersion = minimumVersion
        self.cipherSuites = cipherSuites
        self.curves = curves
        self.compliance = compliance
    }
}

/// Which endpoints are preferred by where they run (`localityLbSetting`).
package struct LocalityLoadBalancing: Hashable, Sendable {
    /// Shares of the calls from one place.
    package struct Distribution: Hashable, Sendable {
        /// `region/zone/subzone`, with `*` for any.
        package var from: String
        /// Share by place, in percent.
        package var to: [String: Int]

        package init(from: String, to: [String: Int]) {
            self.from = from
            self.to = to
        }
    }

    /// Which region takes the place of another.
    package struct Failover: Hashable, Sendable {
        package var from: String
        package var to: String

        package init(from: String, to: String) {
            self.from = from
            self.to = to
        }
    }

    package var isEnabled = true
    package var distribute: [Distribution] = []
    package var failover: [Failover] = []
    /// Labels, the weightiest first, that endpoints should share with their caller.
    package var failoverPriority: [String] = []
    /// Regions are told apart, and no zones within them: proxies see to those.
    package var isRegional = false

    package init() {}
}
