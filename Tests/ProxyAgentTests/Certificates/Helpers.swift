import EnvoyTesting
import Foundation
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

struct NotSo: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// Waits until the world is so, or fails with what it was told to say.
func soon(
    _ what: String, within limit: Duration = .seconds(60), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw NotSo("not within \(limit): \(what)") }
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// Runs services for the time of `body`, then ends them in good order.
func withRunning<Result>(
    _ services: [any Service], _ body: () async throws -> Result
) async throws -> Result {
    let group = ServiceGroup(services: services, logger: quiet)
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        do {
            let result = try await body()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return result
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
    }
}

/// A folder that is there for the time of `body`.
func withFolder<Result>(_ body: (TestFolder) async throws -> Result) async throws -> Result {
    let folder = try TestFolder()
    defer { folder.remove() }
    return try await body(folder)
}

extension TestFolder {
    @discardableResult
    func write(_ text: String, to name: String) throws -> String { try write(Array(text.utf8), to: name) }
}

/// An address of the loopback that no other test uses: every port of it is free.
func ownLoopbackAddress() -> String {
    let number = loopbackAddresses.wrappingAdd(1, ordering: .relaxed).newValue
    return "127.\(1 + ProcessInfo.processInfo.processIdentifier % 250).\(number / 250).\(number % 250 + 1)"
}

private let loopbackAddresses = Atomic(0)

/// A port that nobody listens on at the moment.
func unusedPort() async throws -> Int {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .bind(host: "127.0.0.1", port: 0).get()
    let port = channel.localAddress?.port ?? 0
    try await channel.close()
    return port
}
