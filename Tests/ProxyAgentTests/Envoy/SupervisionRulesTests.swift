import AgentRuntime
import Testing

@testable import ProxyAgent

@Suite struct SupervisionRulesTests {
    @Test func startsAtOnceThenLaterThenNoMore() {
        var policy = RestartPolicy()
        policy.maximumBadRuns = 4
        let waits = (0..<5).map { _ in policy.delay(afterRunning: .seconds(1)) }
        #expect(waits == [.zero, .milliseconds(200), .milliseconds(400), .milliseconds(800), nil])
    }

    @Test func aGoodRunForgetsBadOnes() {
        var policy = RestartPolicy()
        for _ in 0..<5 { _ = policy.delay(afterRunning: .seconds(1)) }
        #expect(policy.delay(afterRunning: .seconds(11)) == .zero)
        #expect(policy.delay(afterRunning: .seconds(1)) == .zero)
    }

    @Test func neverWaitsLongerThanItsLimit() {
        var policy = RestartPolicy()
        policy.maximumBadRuns = 60
        let waits = (0..<60).compactMap { _ in policy.delay(afterRunning: .zero) }
        #expect(waits.count == 60)
        #expect(waits.max() == policy.maximumDelay)
    }

    @Test(arguments: [
        ("", "configuration"), ("server.state: 0\n", "configuration"),
        (
            "cluster_manager.cds.update_success: 1\nlistener_manager.lds.update_rejected: 1\n"
                + "listener_manager.workers_started: 1\nserver.state: 2\n", "not live"
        ),
        (
            "cluster_manager.cds.update_success: 1\nlistener_manager.lds.update_success: 1\n"
                + "listener_manager.workers_started: 0\nserver.state: 0\n", "workers"
        ),
    ])
    func saysWhatEnvoyWaitsFor(_ statistics: String, _ problem: String) {
        #expect(EnvoyReadiness(parsing: statistics).problem?.contains(problem) == true)
    }

    @Test func isReadyWhenAllIsThere() {
        let statistics = """
            cluster_manager.cds.update_rejected: 0
            cluster_manager.cds.update_success: 3
            listener_manager.lds.update_success: 0
            listener_manager.lds.update_rejected: 1
            listener_manager.workers_started: 1
            server.state: 0
            """
        #expect(EnvoyReadiness(parsing: statistics).problem == nil)
    }

    @Test func countsConnectionsOfOthersOnly() {
        let statistics = """
            listener.0.0.0.0_15006.downstream_cx_active: 2
            listener.0.0.0.0_15006.worker_0.downstream_cx_active: 2
            listener.0.0.0.0_15021.downstream_cx_active: 5
            listener.0.0.0.0_15090.downstream_cx_active: 1
            listener.[__]_8443.downstream_cx_active: 3
            listener.admin.downstream_cx_active: 1
            """
        #expect(ActiveConnections.count(in: statistics) == 5)
    }
}
