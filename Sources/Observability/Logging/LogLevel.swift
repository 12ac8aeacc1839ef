import Logging

/// How much a logger says: the five words of Istio's `--log_output_level`, in rising loudness.
package enum LogLevel: UInt8, CaseIterable, Hashable, Sendable, Comparable {
    /// Nothing at all.
    case none
    /// Only `error` and `critical`.
    case error
    /// Also `warning`.
    case warn
    /// Also `notice` and `info`.
    case info
    /// Everything, `trace` included.
    case debug

    /// Reads one of the words; `nil` for any other text.
    package init?(word: some StringProtocol) {
        guard let level = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = level
    }

    /// The word, as it is written in flags.
    package var word: String {
        switch self {
        case .none: "none"
        case .error: "error"
        case .warn: "warn"
        case .info: "info"
        case .debug: "debug"
        }
    }

    /// The lowest swift-log level that is let through. `none` still answers `critical`, the handlers drop that.
    var threshold: Logger.Level {
        switch self {
        case .none: .critical
        case .error: .error
        case .warn: .warning
        case .info: .info
        case .debug: .trace
        }
    }

    /// Less talkative first.
    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
}

extension Logger.Level {
    /// The word a log line carries: four words that every log viewer knows.
    var word: String {
        switch self {
        case .trace, .debug: "debug"
        case .info, .notice: "info"
        case .warning: "warn"
        case .error, .critical: "error"
        }
    }
}
