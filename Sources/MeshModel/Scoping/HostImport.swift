/// Hosts that a Sidecar lets its workloads reach: `namespace/host`.
package struct HostImport: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The namespace that defines them; `*` for any.
    package var namespace: String
    /// A host name in lower case, a pattern that begins with `*.`, or `*` for all.
    package var host: String

    package init(namespace: String, host: String) {
        self.namespace = namespace
        self.host = host
    }

    /// Reads `namespace/host`, with `.` for the own namespace; nil for what imports nothing.
    ///
    /// - Parameter namespace: The own one: of the workload, wherever the Sidecar is.
    package init?(_ text: String, in own: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts[0] != "~", !parts[1].isEmpty else { return nil }
        self.init(namespace: parts[0] == "." ? own : parts[0], host: parts[1].lowercased())
    }

    package var description: String { "\(namespace)/\(host)" }

    package static func < (left: HostImport, right: HostImport) -> Bool {
        (left.namespace, left.host) < (right.namespace, right.host)
    }
}
