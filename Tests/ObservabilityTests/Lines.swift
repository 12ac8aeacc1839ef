import Foundation
import Logging
import Synchronization

@testable import Observability

/// Keeps the log lines that loggers write.
final class Lines: Sendable {
    private let all = Mutex<[String]>([])

    var sink: LogSink {
        LogSink { line in self.all.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
    }

    var texts: [String] { all.withLock { $0 } }

    /// The lines read back by an independent JSON parser.
    var objects: [[String: Any]] {
        texts.map { text in
            (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? ["unreadable": text]
        }
    }

    var messages: [String] { objects.map { $0["msg"] as? String ?? "no message: \($0)" } }

    func logger(
        _ label: String, levels: LogLevels = LogLevels(.debug), format: LogFormat = .json,
        provider: Logger.MetadataProvider? = nil
    ) -> Logger {
        Logger(label: label) { label in
            LineLogHandler(format: format, label: label, levels: levels, sink: self.sink, metadataProvider: provider)
        }
    }
}

/// A logger that says nothing.
let silent = Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() }
