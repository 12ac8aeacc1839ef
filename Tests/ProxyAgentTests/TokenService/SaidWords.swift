import Logging
import Synchronization

/// Remembers what is logged, facts included.
final class SaidWords: Sendable {
    private let said = Mutex("")

    var text: String { said.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(words: self) } }

    private struct Handler: LogHandler {
        let words: SaidWords
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        func log(event: LogEvent) {
            let facts = metadata.merging(event.metadata ?? [:]) { _, new in new }
            words.said.withLock { $0 += "\(event.level) \(event.message) \(facts)\n" }
        }

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
    }
}
