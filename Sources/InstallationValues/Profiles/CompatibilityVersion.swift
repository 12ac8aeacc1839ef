internal import KubernetesModel

/// The versions of Istio that a control plane can be told to behave like (`compatibilityVersion`).
enum CompatibilityVersion {
    /// A change of a default: the first version that has it, and the values that take it back.
    private typealias Change = (minor: Int, undoing: JSONValue)

    /// Oldest first.
    private static let changes: [Change] = [
        (26, ["cni": ["ambient": ["shareHostNetworkNamespace": true]]]),
        (27, environment("ENABLE_NATIVE_SIDECARS")),
        (28, environment("DISABLE_SHADOW_HOST_SUFFIX")),
        (28, environment("PILOT_SPAWN_UPSTREAM_SPAN_FOR_GATEWAY")),
        (29, environment("DISABLE_TRACK_REMAINING_CB_METRICS")),
        (29, ["cni": ["ambient": ["reconcileIptablesOnStartup": false]]]),
        (30, environment("PILOT_SIDECAR_PICK_BEST_SERVICE_NAMESPACE")),
        (31, environment("PILOT_ENABLE_STRICT_GATEWAY_MERGING")),
        (31, environment("PILOT_AUTO_SEND_UNHEALTHY_ENDPOINTS")),
        (32, environment("PILOT_ENABLE_AWS_ZONE_ID")),
    ]

    /// All that are known, oldest first.
    static let all = (25...31).map { "1.\($0)" }

    /// The values of one version; nil if it is none of `all`.
    static func values(of version: String) -> JSONValue? {
        guard all.contains(version), let minor = Int(version.dropFirst(2)) else { return .none }
        let nothing: JSONValue = [:]
        return changes.filter { $0.minor > minor }.reduce(nothing) { $0.merging($1.undoing) }
    }

    /// A variable of the control plane that switches a newer behaviour off.
    private static func environment(_ name: String) -> JSONValue {
        ["pilot": ["env": .object([name: "false"])]]
    }
}
