import Testing

@testable import KubernetesClient

@Suite struct RetryPolicyTests {
    let policy = RetryPolicy(retries: 4)

    @Test func backOffDoublesUpToItsLimit() {
        let policy = RetryPolicy(retries: 20)
        let delays = (1...8).map {
            policy.delay(after: .failed(.unreachable), attempt: $0, of: .reading, jitter: 0)
        }
        #expect(
            delays == [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000].map { Duration.milliseconds($0) })
    }

    @Test func jitterAddsUpToHalf() {
        let policy = RetryPolicy(retries: 1)
        #expect(
            policy.delay(after: .failed(.unreachable), attempt: 1, of: .reading, jitter: 1) == .milliseconds(300))
    }

    @Test func givesUpAfterItsRetries() {
        #expect(policy.delay(after: .failed(.unreachable), attempt: 4, of: .reading, jitter: 0) != nil)
        #expect(policy.delay(after: .failed(.unreachable), attempt: 5, of: .reading, jitter: 0) == nil)
    }

    @Test func waitsAtLeastAsLongAsTheServerAsks() {
        let outcome = RetryPolicy.Outcome.refused(status: 429, retryAfterSeconds: 3)
        #expect(policy.delay(after: outcome, attempt: 1, of: .write, jitter: 0) == .seconds(3))
        #expect(policy.delay(after: outcome, attempt: 1, of: .write, jitter: 1) == .seconds(3))
    }

    @Test func doesNotWaitForAServerThatAsksForTooLong() {
        let outcome = RetryPolicy.Outcome.refused(status: 503, retryAfterSeconds: 3600)
        #expect(policy.delay(after: outcome, attempt: 1, of: .reading, jitter: 0) == nil)
    }

    /// Which answers are worth another attempt, for a read, a write that may be repeated, and one that may not.
    @Test(arguments: [
        (RetryPolicy.Outcome.refused(status: 429, retryAfterSeconds: nil), true, true, true),
        (.refused(status: 503, retryAfterSeconds: 1), true, true, true),
        (.refused(status: 500, retryAfterSeconds: 1), true, true, true),
        (.refused(status: 503, retryAfterSeconds: nil), true, true, false),
        (.refused(status: 502, retryAfterSeconds: nil), true, true, false),
        (.refused(status: 504, retryAfterSeconds: nil), true, true, false),
        (.refused(status: 500, retryAfterSeconds: nil), true, false, false),
        (.refused(status: 400, retryAfterSeconds: nil), false, false, false),
        (.refused(status: 401, retryAfterSeconds: nil), false, false, false),
        (.refused(status: 404, retryAfterSeconds: nil), false, false, false),
        (.refused(status: 409, retryAfterSeconds: nil), false, false, false),
        (.refused(status: 422, retryAfterSeconds: nil), false, false, false),
        (.failed(.unreachable), true, true, true),
        (.failed(.interrupted), true, true, false),
        (.failed(.timedOut), true, true, false),
        (.failed(.untrusted), false, false, false),
        (.failed(.tooLarge), false, false, false),
    ])
    func repeatsOnlyWhatIsSafe(
        outcome: RetryPolicy.Outcome, reading: Bool, idempotentWrite: Bool, write: Bool
    ) {
        func repeats(_ kind: RetryPolicy.Repeatability) -> Bool {
            policy.delay(after: outcome, attempt: 1, of: kind, jitter: 0) != nil
        }
        #expect(repeats(.reading) == reading)
        #expect(repeats(.idempotentWrite) == idempotentWrite)
        #expect(repeats(.write) == write)
    }

    @Test func leavesThe429OfAnEvictionToItsCaller() {
        let outcome = RetryPolicy.Outcome.refused(status: 429, retryAfterSeconds: 1)
        #expect(policy.delay(after: outcome, attempt: 1, of: .writeWithMeaningful429, jitter: 0) == nil)
    }
}
