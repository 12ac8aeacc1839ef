/// By which name and version telemetry speaks of a workload.
package enum CanonicalService {
    private static let nameLabels = ["service.istio.io/canonical-name", "app.kubernetes.io/name", "app"]
    private static let revisionLabels = [
        "service.istio.io/canonical-revision", "app.kubernetes.io/version", "version",
    ]

    /// The first label that says so, else the workload's name.
    package static func name(labels: [String: String], workloadName: String) -> String {
        nameLabels.lazy.compactMap { labels[$0] }.first ?? workloadName
    }

    /// The first label that says so, else `latest`.
    package static func revision(labels: [String: String]) -> String {
        revisionLabels.lazy.compactMap { labels[$0] }.first ?? "latest"
    }
}
