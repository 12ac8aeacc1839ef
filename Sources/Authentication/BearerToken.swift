package import KubernetesClient

extension Secret<String> {
    /// The token of an `Authorization` header; nil for any other scheme.
    package init?(authorization header: String) {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let token = parts[1].drop { $0 == " " }
        guard !token.isEmpty else { return nil }
        self.init(String(token))
    }
}
