import Logging
import Synchronization

/// How log lines look.
package enum LogFormat: String, CaseIterable, Hashable, Sendable {
    /// One JSON object per line, for clusters.
    case json
    /// One readable line, for terminals.
    case text
}

private let isBootstrapped = Atomic(false)

/// Makes every logger of the program write in `format` at the levels of `levels`.
///
/// To be called once, before the first logger is made. swift-log takes one set-up per process: a second call changes
/// nothing.
///
/// - Returns: Whether this call was the one that took effect.
@discardableResult
package func bootstrapLogging(format: LogFormat, levels: LogLevels, sink: LogSink = .standardError) -> Bool {
    guard !isBootstrapped.exchange(true, ordering: .relaxed) else { return false }
    LoggingSystem.bootstrap(
        { label, provider in
            LineLogHandler(format: format, label: label, levels: levels, sink: sink, metadataProvider: provider)
        }, metadataProvider: nil)
    return true
}
