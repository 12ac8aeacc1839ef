import AgentRuntime
import Glibc
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import ProxyAgent

@Suite struct ApplicationEndTests {
    /// - Parameter looks: When, and what runs: the number of a container, 0 for none.
    private func end(_ looks: [(at: Int, container: UInt8)], restartPolicy: String) -> Int? {
        var end = ApplicationEnd(.init(restartPolicy: restartPolicy))
        for look in looks where end.observe(look.container == 0 ? [] : [[look.container]], at: .seconds(look.at)) {
            return look.at
        }
        return nil
    }

    @Test func afterTheLastProcess() {
        #expect(end([(0, 0), (5, 1), (9, 1), (10, 0), (11, 0), (12, 0)], restartPolicy: "Never") == 12)
        #expect(end([(0, 1), (1, 2), (9, 3), (10, 0), (12, 0)], restartPolicy: "Never") == 12)
    }

    /// The kubelet's pause doubles: only who has failed often is waited for long.
    @Test func aContainerThatComesBackIsWaitedFor() {
        #expect(end([(0, 1), (10, 0), (39, 0), (40, 0)], restartPolicy: "OnFailure") == 40)
        #expect(end([(0, 1), (10, 0), (11, 2), (20, 0), (59, 0), (60, 0)], restartPolicy: "OnFailure") == 60)
        let patience = ApplicationEnd.Patience(restartPolicy: "OnFailure")
        let pauses = [0, 10, 20, 40, 80, 160, 300, 300, 300]
        for (ends, pause) in zip(1..., pauses) {
            #expect(patience.pause(afterEnds: ends) == .seconds(30 + pause), "\(ends)")
        }
        #expect(patience.pause(afterEnds: .max) == .seconds(330))
    }

    @Test func whoCannotSeeDoesNotEnd() {
        var end = ApplicationEnd(.init(restartPolicy: "Never"))
        let ends = [0, 1000].map { end.observe(nil, at: .seconds($0)) }
        #expect(ends == [false, false])
    }

    @Test func oneThatWasTooShortToBeSeen() {
        #expect(end([(0, 0), (29, 0), (30, 0)], restartPolicy: "Never") == 30)
    }

    @Test func theServiceQuitsOnce() async throws {
        let looks = Mutex([true, true, false])
        let quits = Mutex(0)
        let watch = ApplicationWatch(
            patience: .init(before: .seconds(60), after: .zero), interval: .milliseconds(1),
            running: { looks.withLock { !$0.isEmpty && $0.removeFirst() ? [[1]] : [] } },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            quit: { quits.withLock { $0 += 1 } })
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watch.run() }
            while quits.withLock({ $0 }) == 0 { await Task.yield() }
            group.cancelAll()
            // It waits for the shutdown that it has begun.
            try? await group.waitForAll()
        }
        #expect(quits.withLock { $0 } == 1)
    }

    @Test func othersAreThoseOfAnotherControlGroup() throws {
        let folder = "/tmp/other-processes-\(getpid())"
        defer {
            for name in ["1", "7", "8", "self"] { unlink("\(folder)/\(name)/cgroup"); rmdir("\(folder)/\(name)") };
            rmdir(folder)
        }
        for (name, group) in [("self", "0::/a"), ("1", "0::/pause"), ("7", "0::/a")] {
            Files.makeFolder("\(folder)/\(name)")
            try Files.replace("\(folder)/\(name)/cgroup", with: Array(group.utf8), mode: 0o644)
        }
        #expect(!OtherProcesses.areRunning(in: folder))
        Files.makeFolder("\(folder)/8")
        try Files.replace("\(folder)/8/cgroup", with: Array("0::/b".utf8), mode: 0o644)
        #expect(OtherProcesses.areRunning(in: folder))
        #expect(OtherProcesses.areRunning(in: "\(folder)/nowhere"), "who cannot see does not end")
    }
}
