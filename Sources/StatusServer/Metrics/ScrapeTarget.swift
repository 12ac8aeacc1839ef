import KubernetesModel

/// Where the application shows its metrics, as its Pod's annotations said before injection took them over.
package struct ScrapeTarget: Hashable, Sendable {
    /// Of the application.
    package var port: Int
    /// With the query, if there is one.
    package var path: String
    /// Over TLS, whatever certificate the application has.
    package var isEncrypted: Bool

    /// Prometheus' defaults, where nothing is said.
    package init(port: Int = 80, path: String = "/metrics", isEncrypted: Bool = false) {
        self.port = port
        self.path = path
        self.isEncrypted = isEncrypted
    }

    /// Reads `{"scrape":"true","path":"/metrics","port":"8080","scheme":"http"}`, in which `targets` may list several
    /// with paths and ports of their own.
    ///
    /// - Parameter own: The agent's own port, which is never scraped.
    package static func all(parsing text: String, own: Int) -> [ScrapeTarget] {
        guard let fields = try? JSONValue(parsing: text), fields.object != nil,
            fields["scrape"]?.scalarText != "false"
        else { return [] }
        let listed = (fields["targets"]?.array ?? []).compactMap { ScrapeTarget(fields.merging($0), own: own) }
        return listed.isEmpty ? [ScrapeTarget(fields, own: own)].compactMap { $0 } : listed
    }

    private init?(_ fields: JSONValue, own: Int) {
        let port = fields["port"]?.scalarText.flatMap(Int.init) ?? 80
        guard port != own, 1...65535 ~= port else { return nil }
        let path = fields["path"]?.scalarText ?? "/metrics"
        self.init(
            port: port, path: path.isEmpty ? "/metrics" : path,
            isEncrypted: fields["scheme"]?.scalarText?.lowercased() == "https")
    }
}

extension JSONValue {
    /// A text, or a number or truth value as text: annotations hold any of them.
    var scalarText: String? {
        switch self {
        case .string(let text): text
        case .integer(let number): String(number)
        case .bool(let flag): flag ? "true" : "false"
        default: nil
        }
    }
}
