/// What metrics call a workload. Empty where nobody knows.
package struct PeerNames: Hashable, Sendable {
    package var workload: String
    package var namespace: String
    package var canonicalName: String
    package var canonicalRevision: String
    package var clusterID: String
    /// Its label `app`.
    package var app: String
    /// Its label `version`.
    package var version: String

    package init(
        workload: String = "", namespace: String = "", canonicalName: String = "", canonicalRevision: String = "",
        clusterID: String = "", app: String = "", version: String = ""
    ) {
        self.workload = workload
        self.namespace = namespace
        self.canonicalName = canonicalName
        self.canonicalRevision = canonicalRevision
        self.clusterID = clusterID
        self.app = app
        self.version = version
    }

    /// Reads what `text` writes; nil for anything else.
    package init?(_ text: String) {
        let parts = String(text).split(separator: ";", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5 || parts.count == 7 else { return nil }
        self.init(
            workload: parts[0], namespace: parts[1], canonicalName: parts[2], canonicalRevision: parts[3],
            clusterID: parts[4], app: parts.count == 7 ? parts[5] : parts[2],
            version: parts.count == 7 ? parts[6] : parts[3])
    }

    /// `workload;namespace;canonical name;canonical revision;cluster`, and `;app;version` where those are not the
    /// canonical ones.
    package var text: String {
        let names = [workload, namespace, canonicalName, canonicalRevision, clusterID]
        let isCanonical = app == canonicalName && version == canonicalRevision
        return (isCanonical ? names : names + [app, version]).joined(separator: ";")
    }
}

/// The namespace that a certificate is for: that of `spiffe://DOMAIN/ns/NAMESPACE/sa/ACCOUNT`.
func namespace(ofPrincipal principal: String) -> String? {
    guard principal.hasPrefix("spiffe://") else { return nil }
    let parts = principal.dropFirst("spiffe://".count).split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count >= 3, parts[1] == "ns", !parts[2].isEmpty else { return nil }
    return String(parts[2])
}
