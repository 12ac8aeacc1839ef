import Foundation
import Logging
import Synchronization

/// Keeps what a program under test logs.
final class LogRecorder: Sendable {
    private let lines = Mutex<[String]>([])
    private let (news, newsSource) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// One line a record: level, message, metadata.
    var all: [String] { lines.withLock { $0 } }

    /// How many records contain this.
    func count(of text: String) -> Int { all.count { $0.contains(text) } }

    /// Waits for a record. One caller at a time.
    func until(_ text: String, count wanted: Int = 1, within limit: Duration = .seconds(90)) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                if self.count(of: text) >= wanted { return }
                for await _ in self.news where self.count(of: text) >= wanted { return }
            }
            group.addTask {
                try await Task.sleep(for: limit)
                throw NotLogged(text: text, last: self.all.suffix(5).joined(separator: "\n"))
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    func logger(_ label: String) -> Logger {
        var logger = Logger(label: label) { _ in RecordingLogHandler(recorder: self) }
        logger.logLevel = ProcessInfo.processInfo.environment["APUS_TEST_DEBUG"] == nil ? .info : .trace
        return logger
    }

    fileprivate func add(_ line: String) {
        lines.withLock { $0.append(line) }
        newsSource.yield()
        if ProcessInfo.processInfo.environment["APUS_TEST_DEBUG"] != nil {
            FileHandle.standardError.write(Data("\(Date()) \(line)\n".utf8))
        }
    }
}

/// What was waited for was not logged in time.
private struct NotLogged: Error, CustomStringConvertible {
    var text: String
    var last: String

    var description: String { "\"\(text)\" was not logged; the last lines are\n\(last)" }
}

private struct RecordingLogHandler: LogHandler {
    let recorder: LogRecorder
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let facts = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
            .map { "\($0.key)=\($0.value)" }
        recorder.add("\(event.level) \(event.message) \(facts.joined(separator: " "))")
    }
}
