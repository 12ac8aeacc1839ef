import Logging
import Synchronization

/// What happened, in order; tests wait for entries instead of sleeping.
final class Journal<Entry: Sendable>: Sendable {
    private struct Content {
        var entries: [Entry] = []
        var readers: [Int: AsyncStream<[Entry]>.Continuation] = [:]
        var nextReader = 0
    }

    private let content = Mutex(Content())

    var entries: [Entry] { content.withLock { $0.entries } }

    func add(_ entry: Entry) {
        content.withLock { content in
            content.entries.append(entry)
            for reader in content.readers.values { reader.yield(content.entries) }
        }
    }

    /// Waits until the entries are as `isDone` wants.
    ///
    /// - Parameter what: For the message when they are not in time.
    func wait(
        for what: String, within limit: Duration = .seconds(60), until isDone: @escaping @Sendable ([Entry]) -> Bool
    ) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: [Entry].self, bufferingPolicy: .bufferingNewest(1))
        let id = content.withLock { content in
            content.nextReader += 1
            content.readers[content.nextReader] = continuation
            continuation.yield(content.entries)
            return content.nextReader
        }
        defer { content.withLock { $0.readers[id] = nil } }
        do {
            try await within(limit, what) {
                for await entries in stream where isDone(entries) { return }
                throw CancellationError()
            }
        } catch let error as TooLate {
            throw TooLate(what: "\(error.what)\nSo far: \(entries.suffix(20))")
        }
    }
}

/// Something did not happen in time.
struct TooLate: Error, CustomStringConvertible {
    var what: String
    var description: String { "not in time: \(what)" }
}

/// Runs `body`, and ends it with `TooLate` after a while.
func within<Value: Sendable>(
    _ limit: Duration, _ what: String, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask(operation: body)
        group.addTask {
            try await Task.sleep(for: limit)
            throw TooLate(what: what)
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw CancellationError() }
        return first
    }
}

/// One log statement: its metadata are in the text.
struct LogEntry: Sendable, CustomStringConvertible {
    var level: Logger.Level
    var text: String
    var description: String { "\(level) \(text)" }
}

extension Journal where Entry == LogEntry {
    /// A logger that writes into this journal.
    var logger: Logger {
        var logger = Logger(label: "tests") { _ in JournalLogHandler(journal: self) }
        logger.logLevel = .debug
        return logger
    }

    /// Warnings and errors.
    var complaints: [LogEntry] { entries.filter { $0.level >= .warning } }
}

private struct JournalLogHandler: LogHandler {
    let journal: Journal<LogEntry>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    init(journal: Journal<LogEntry>) { self.journal = journal }

    func log(event: LogEvent) {
        let facts = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }
        let text = (["\(event.message)"] + facts.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
        journal.add(LogEntry(level: event.level, text: text))
    }

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
