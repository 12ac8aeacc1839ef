import EnvoyAPI
import SwiftProtobuf

extension Envoy_Config_Route_V3_RetryPolicy {
    /// Of requests to others, where no route says so: what failed before it was served is tried again, elsewhere.
    static func outbound() throws -> Self {
        try .with {
            $0.retryOn = "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes"
            $0.numRetries = 2
            $0.retryHostPredicate = [
                try .with {
                    $0.name = "envoy.retry_host_predicates.previous_hosts"
                    $0.typedConfig = try .init(
                        packing: Envoy_Extensions_Retry_Host_PreviousHosts_V3_PreviousHostsPredicate())
                }
            ]
            $0.hostSelectionRetryMaxAttempts = 5
        }
    }

    /// Of requests to the own workload: those it never saw.
    static let inbound: Self = .with {
        $0.retryOn = "reset-before-request"
        $0.numRetries = 2
    }
}
