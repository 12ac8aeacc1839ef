import Glibc
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import ProxyAgent

@Suite struct ApplicationEndTests {
    private func end(_ looks: [(at: Int, isRunning: Bool)], restartPolicy: String) -> Int? {
        var end = ApplicationEnd(.init(restartPolicy: restartPolicy))
        for look in looks where end.observe(isRunning: look.isRunning, at: .seconds(look.at)) { return look.at }
        return nil
    }

    @Test func afterTheLastProcess() {
        #expect(
            end([(0, false), (5, true), (9, true), (10, false), (11, false), (12, false)], restartPolicy: "Never") == 12
        )
    }

    @Test func aContainerThatComesBackIsWaitedFor() {
        #expect(
            end([(0, true), (10, false), (310, false), (311, true), (320, false)], restartPolicy: "OnFailure") == nil)
        #expect(end([(0, true), (10, false), (339, false), (340, false)], restartPolicy: "OnFailure") == 340)
    }

    @Test func oneThatWasTooShortToBeSeen() {
        #expect(end([(0, false), (29, false), (30, false)], restartPolicy: "Never") == 30)
    }

    @Test func theServiceQuitsOnce() async throws {
        let looks = Mutex([true, true, false])
        let quits = Mutex(0)
        let watch = ApplicationWatch(
            patience: .init(before: .seconds(60), after: .zero), interval: .milliseconds(1),
            isRunning: { looks.withLock { $0.isEmpty ? false : $0.removeFirst() } },
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
