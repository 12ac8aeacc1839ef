import Logging
import ServiceLifecycle

/// Ends the agent of a Job's Pod once the work beside it has ended, where Kubernetes does not: see the injector's
/// `EXIT_WITH_APPLICATION`.
struct ApplicationWatch: Service {
    /// The environment variable that asks for it. Its value is the Pod's restart policy.
    static let variable = "EXIT_WITH_APPLICATION"

    var patience: ApplicationEnd.Patience
    var interval: Duration = .milliseconds(500)
    /// In which other containers processes run; nil where nobody can tell.
    var running: @Sendable () -> Set<OtherProcesses.Group>? = { OtherProcesses.groups() }
    var logger: Logger
    /// Begins the graceful shutdown of the program.
    var quit: @Sendable () -> Void

    func run() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        await cancelWhenGracefulShutdown {
            var end = ApplicationEnd(patience)
            while !Task.isCancelled {
                if end.observe(running(), at: start.duration(to: clock.now)) {
                    logger.info("The work in this Pod has ended, and so does its proxy")
                    return quit()
                }
                try? await Task.sleep(for: interval)
            }
        }
        try await gracefulShutdown()
    }
}
