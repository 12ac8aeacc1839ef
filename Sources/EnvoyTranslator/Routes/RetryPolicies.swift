import EnvoyAPI
package import MeshModel
import SwiftProtobuf

extension RetryRule {
    /// What is tried again where nobody says so: what failed before it was served, elsewhere.
    package static let builtIn = RetryRule(attempts: 2)

    /// The rule that counts, complete; nil: nothing is tried again.
    ///
    /// - Parameter hashesRequests: A request's own content chooses its endpoint: it may have to be the same again.
    static func effective(_ rule: RetryRule?, hashesRequests: Bool) -> RetryRule? {
        var rule = rule ?? .builtIn
        guard rule.attempts > 0 else { return nil }
        rule.avoidsPreviousHosts = rule.avoidsPreviousHosts ?? !hashesRequests
        return rule
    }

    /// Words that count where a rule names none.
    fileprivate static let builtInConditions = [
        "connect-failure", "refused-stream", "unavailable", "cancelled", "retriable-status-codes",
    ]
}

extension Envoy_Config_Route_V3_RetryPolicy {
    /// Of requests to others.
    static func outbound(_ rule: RetryRule) throws -> Self {
        try .with {
            let conditions =
                rule.conditions.isEmpty && rule.statusCodes.isEmpty
                ? RetryRule.builtInConditions : rule.conditions
            let needsWord = !rule.statusCodes.isEmpty && !conditions.contains("retriable-status-codes")
            $0.retryOn = (conditions + (needsWord ? ["retriable-status-codes"] : [])).joined(separator: ",")
            $0.retriableStatusCodes = rule.statusCodes.map { UInt32(clamping: $0) }
            $0.numRetries = .init(rule.attempts)
            if let timeout = rule.perTryTimeout { $0.perTryTimeout = .init(timeout) }
            if let backoff = rule.backoff { $0.retryBackOff.baseInterval = .init(backoff) }
            if rule.avoidsPreviousHosts ?? true {
                $0.retryHostPredicate = [
                    try .with {
                        $0.name = "envoy.retry_host_predicates.previous_hosts"
                        $0.typedConfig = try .init(
                            packing: Envoy_Extensions_Retry_Host_PreviousHosts_V3_PreviousHostsPredicate())
                    }
                ]
                $0.hostSelectionRetryMaxAttempts = 5
            }
            if rule.triesRemoteLocalities {
                $0.retryPriority.name = "envoy.retry_priorities.previous_priorities"
                $0.retryPriority.typedConfig = try .init(
                    packing: Envoy_Extensions_Retry_Priority_PreviousPriorities_V3_PreviousPrioritiesConfig.with {
                        $0.updateFrequency = 2
                    })
            }
        }
    }

    /// Of requests to the own workload: those it never saw.
    static let inbound: Self = .with {
        $0.retryOn = "reset-before-request"
        $0.numRetries = 2
    }
}
