import AgentRuntime
import EnvoyTesting
import Foundation
import ServiceLifecycle
import Testing

@testable import ProxyAgent

/// Supervision of programs that stand in for Envoy.
@Suite(.timeLimit(.minutes(10))) struct SupervisorTests {
    private func supervisor(
        _ script: String, plan: DrainPlan = DrainPlan(duration: .zero), restarts: RestartPolicy = RestartPolicy()
    ) -> EnvoySupervisor {
        EnvoySupervisor(
            EnvoyCommand(program: "/bin/sh", arguments: ["-c", script], environment: ["PATH": "/usr/bin:/bin"]),
            administration: EnvoyAdministration(port: 9), drain: plan, restarts: restarts, logger: silentLogger)
    }

    @Test func endsWellWithAProgramThatDoes() async throws {
        let supervisor = supervisor("exit 0")
        try await supervisor.run()
        #expect(supervisor.starts == 1)
    }

    @Test func givesUpAProgramThatNeverStays() async {
        var policy = RestartPolicy()
        policy.initialDelay = .milliseconds(1)
        policy.maximumBadRuns = 3
        let supervisor = supervisor("exit 7", restarts: policy)
        await #expect(throws: EnvoyGivenUp(status: 7, runs: 4)) { try await supervisor.run() }
        #expect(supervisor.starts == 4)
    }

    @Test func saysWhichProgramIsNotThere() async {
        let supervisor = EnvoySupervisor(
            EnvoyCommand(program: "/nowhere/envoy", arguments: []), administration: EnvoyAdministration(port: 9),
            logger: silentLogger)
        await #expect {
            try await supervisor.run()
        } throws: {
            "\($0)".contains("/nowhere/envoy: No such file or directory")
        }
    }

    @Test func tellsSignalsApartFromCodes() async {
        var policy = RestartPolicy()
        policy.maximumBadRuns = 0
        let supervisor = supervisor("kill -9 $$", restarts: policy)
        // The first start after a failure is at once, whatever the limit.
        await #expect(throws: EnvoyGivenUp(status: 137, runs: 2)) { try await supervisor.run() }
    }

    @Test func startsProgramsWithNothingOfItsOwn() async throws {
        let folder = try TestFolder()
        defer { folder.remove() }
        let file = try folder.write([1], to: "open")
        let descriptor = open(file, O_RDONLY)
        defer { close(descriptor) }
        try await supervisor(
            "grep -E 'Sig(Blk|Ign)' /proc/self/status > \(folder.path)/signals; ls -1 /proc/$$/fd > \(folder.path)/files"
        ).run()
        let masks = try folder.text(of: "signals").split(separator: "\n").compactMap { line in
            line.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) }
        }
        // Signals 32 and 33 are the C library's own: no program can set them.
        #expect(masks.map { $0 & ~(3 << 31) } == [0, 0])
        let files = Set(try folder.text(of: "files").split(separator: "\n").compactMap { Int32($0) })
        #expect(!files.contains(descriptor))
        #expect(files.isSubset(of: [0, 1, 2, 10, 255]), "only what the shell opens itself: \(files)")
    }

    @Test func killsAProgramThatDoesNotEnd() async throws {
        let folder = try TestFolder()
        defer { folder.remove() }
        var plan = DrainPlan(duration: .zero)
        plan.endTime = .milliseconds(50)
        let supervisor = supervisor(
            "trap '' TERM; echo $$ > \(folder.path)/pid; while :; do sleep 0.05; done", plan: plan)
        let identifier = try await withServices([Waiting(supervisor)]) {
            try await until("it runs") { ((try? folder.text(of: "pid")) ?? "").hasSuffix("\n") }
            return try #require(Int32(try folder.text(of: "pid").dropLast()))
        }
        #expect(kill(identifier, 0) != 0)
        #expect(supervisor.starts == 1)
    }

    @Test func doesNotStartWhatIsNotWantedAnyMore() async throws {
        let supervisor = EnvoySupervisor(
            EnvoyCommand(program: "/bin/true", arguments: []), administration: EnvoyAdministration(port: 9),
            logger: silentLogger, prepared: { try await Task.sleep(for: .seconds(3600)) })
        try await withServices([Waiting(supervisor)]) {}
        #expect(supervisor.starts == 0)
    }
}

/// A service that lives until it is told to end, whatever becomes of the one it holds.
private struct Waiting: Service {
    let service: any Service

    init(_ service: any Service) { self.service = service }

    func run() async throws {
        try await service.run()
        try? await gracefulShutdown()
    }
}
