import ControllerRuntime
import Testing

@Suite struct BackoffTests {
    @Test(
        arguments: [
            (0, 0.0, 200), (1, 0, 400), (2, 0, 800), (8, 0, 51_200), (9, 0, 60_000), (19, 0, 60_000), (20, 0, 60_000),
            (1_000_000, 0, 60_000), (0, 1, 160), (0, 0.5, 180), (9, 1, 48_000), (3, 0.25, 1520),
        ] as [(Int, Double, Int)])
    func doublesUpToItsLimit(_ failures: Int, _ jitter: Double, _ milliseconds: Int) {
        let delay = Backoff.reconcile.delay(afterFailures: failures, jitter: jitter)
        #expect(abs(delay / .milliseconds(1) - Double(milliseconds)) < 0.001)
    }

    @Test func neverPassesItsLimit() {
        let backoff = Backoff(base: .seconds(100), limit: .seconds(30))
        #expect(backoff.delay(afterFailures: 0, jitter: 0) == .seconds(30))
    }
}
