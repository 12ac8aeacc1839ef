import Foundation
import Logging
import Synchronization

/// Keeps what a program under test logs.
final class LogRecorder: Sendable {
    private let lines = Mutex<[String]>([])

    /// One line a record: level, message, metadata.
    var all: [String] { lines.withLock { $0 } }

    func logger(_ label: String) -> Logger {
        var logger = Logger(label: label) { _ in RecordingLogHandler(recorder: self) }
        logger.logLevel = ProcessInfo.processInfo.environment["APUS_TEST_DEBUG"] == nil ? .info : .trace
        return logger
    }

    fileprivate func add(_ line: String) {
        lines.withLock { $0.append(line) }
        if ProcessInfo.processInfo.environment["APUS_TEST_DEBUG"] != nil {
            FileHandle.standardError.write(Data("\(Date()) \(line)\n".utf8))
        }
    }
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
