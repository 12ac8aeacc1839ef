import KubernetesClient
import KubernetesTesting
import Testing

/// How many requests an API server has answered since it started, as its own metrics say.
struct RequestCount: Hashable, Sendable {
    /// A verb on a resource: `PATCH deployments`, `PATCH istiooperators/status`.
    var answered: [String: Int] = [:]

    /// Verbs that change something.
    static let writing: Set<String> = ["APPLY", "PATCH", "POST", "PUT", "DELETE", "DELETECOLLECTION"]

    init(_ cluster: TestCluster) async throws {
        let answer = try await cluster.client.raw(path: "/metrics")
        try #require(answer.status == 200)
        for line in String(decoding: answer.bytes, as: UTF8.self).split(separator: "\n")
        where line.hasPrefix("apiserver_request_total{") {
            let labels = RequestCount.labels(line)
            guard let verb = labels["verb"], let resource = labels["resource"], !resource.isEmpty,
                let value = line.split(separator: " ").last.flatMap({ Double($0) })
            else { continue }
            let subresource = labels["subresource"].map { $0.isEmpty ? "" : "/\($0)" } ?? ""
            answered["\(verb) \(resource)\(subresource)", default: 0] += Int(value)
        }
    }

    /// The labels of one line of metrics. No value of theirs holds a comma or quotation mark.
    private static func labels(_ line: Substring) -> [String: String] {
        let text = line.drop { $0 != "{" }.dropFirst().prefix { $0 != "}" }
        var labels: [String: String] = [:]
        for pair in text.split(separator: ",") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { labels[String(parts[0])] = parts[1].filter { $0 != "\"" } }
        }
        return labels
    }

    /// What came in since.
    func since(_ earlier: RequestCount) -> [String: Int] {
        answered.merging(earlier.answered) { $0 - $1 }.filter { $0.value != 0 }
    }
}
