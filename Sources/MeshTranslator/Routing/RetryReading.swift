import IstioAPI
import KubernetesModel
import MeshModel

extension VirtualServiceReading {
    mutating func retries(_ json: JSONValue?, at path: String) -> RetryRule? {
        guard let json, json.object != nil else { return nil }
        let read = RetryRule.read(json)
        for problem in read.problems { report("\(path).\(problem.field)", problem.message) }
        if (json["attempts"]?.integer ?? 0) == 0, json["retryOn"] != nil || json["perTryTimeout"] != nil {
            report(.warning, "\(path).attempts", "is 0, so that nothing is tried again and nothing else here counts")
        }
        return read.rule
    }
}

extension RetryRule {
    struct Problem {
        var field: String
        var message: String
    }

    /// Reads `retries` of a VirtualService, or `defaultHttpRetryPolicy` of MeshConfig.
    static func read(_ json: JSONValue) -> (rule: RetryRule, problems: [Problem]) {
        var problems: [Problem] = []
        let attempts = json["attempts"]?.integer ?? 0
        if attempts < 0 {
            problems.append(Problem(field: "attempts", message: "is \(attempts), and must not be negative"))
        }
        var rule = RetryRule(attempts: Int(clamping: max(attempts, 0)))
        func duration(_ field: String) -> Duration? {
            json[field]?.string.flatMap(DurationText.nanoseconds)
                .flatMap { $0 >= 1_000_000 ? .nanoseconds(Int64($0)) : nil }
        }
        rule.perTryTimeout = duration("perTryTimeout")
        rule.backoff = duration("backoff")
        rule.triesRemoteLocalities = json["retryRemoteLocalities"]?.bool ?? false
        rule.avoidsPreviousHosts = json["retryIgnorePreviousHosts"]?.bool
        for word in (json["retryOn"]?.string ?? "").split(separator: ",").map({ String($0.filter { $0 != " " }) })
        where !word.isEmpty {
            if let code = Int(word) {
                rule.statusCodes.append(code)
                if !(100..<600).contains(code) {
                    problems.append(Problem(field: "retryOn", message: "has \(code), which is no status of HTTP"))
                }
            } else if conditionWords.contains(word) {
                rule.conditions.append(word)
            } else {
                problems.append(
                    Problem(
                        field: "retryOn",
                        message: "has \"\(word)\", which is none of Envoy's words for failures, such as 5xx or reset"))
            }
        }
        return (rule, problems)
    }
}

private let conditionWords: Set<String> = [
    "5xx", "gateway-error", "reset", "reset-before-request", "connect-failure", "envoy-ratelimited", "retriable-4xx",
    "refused-stream", "retriable-status-codes", "retriable-headers", "http3-post-connect-failure", "cancelled",
    "deadline-exceeded", "internal", "resource-exhausted", "unavailable",
]
