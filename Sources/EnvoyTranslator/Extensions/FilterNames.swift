/// The names of Envoy's filters, and those that they once had: what people wrote years ago still finds them.
enum FilterNames {
    /// Whether a filter is the one that is meant.
    static func isMeant(_ name: String, by wanted: String) -> Bool {
        if name == wanted { return true }
        guard wanted.hasPrefix(root), !wanted.hasPrefix(filters) else { return false }
        let former = wanted.dropFirst(root.count)
        if former.hasPrefix("listener.") { return name == filters + former }
        return [former, Substring(renamed[String(former)] ?? "")].contains {
            !$0.isEmpty && (name == "\(filters)http.\($0)" || name == "\(filters)network.\($0)")
        }
    }

    private static let root = "envoy."
    private static let filters = "envoy.filters."
    private static let renamed = ["rate_limit": "ratelimit", "http_dynamo_filter": "dynamo"]
}
