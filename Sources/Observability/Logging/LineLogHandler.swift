package import Logging

/// Writes each log statement as one line: a JSON object for clusters or readable text for terminals.
///
/// The JSON keys are `time` (RFC 3339, UTC, microseconds), `level` (`debug`, `info`, `warn`, `error`), `logger`,
/// `msg`, then the metadata at top level in alphabetical order. Text is `time level logger: msg key=value`.
/// The level follows the shared ``LogLevels`` unless one is set on the logger itself.
package struct LineLogHandler: LogHandler {
    private let format: LogFormat
    private let label: String
    private let cell: LogLevels.Cell
    private let sink: LogSink
    private var ownLevel: Logger.Level?

    /// The logger's own metadata.
    package var metadata: Logger.Metadata = [:]

    /// Metadata taken from the task at each statement.
    package var metadataProvider: Logger.MetadataProvider?

    /// A handler for the logger labelled `label`.
    package init(
        format: LogFormat, label: String, levels: LogLevels, sink: LogSink = .standardError,
        metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.format = format
        self.label = label
        self.cell = levels.cell(for: label)
        self.sink = sink
        self.metadataProvider = metadataProvider
    }

    /// Writes the line. Metadata of the statement wins over the task's, the task's over the logger's.
    package func log(event: LogEvent) {
        if ownLevel == nil, cell.level == .none { return }
        var layers = [metadata]
        if let provided = metadataProvider?.get() { layers.append(provided) }
        if let own = event.metadata { layers.append(own) }
        let record = LogRecord(event, time: .now(), label: label, layers: layers)
        switch format {
        case .json: sink.write(JSONLine.bytes(of: record))
        case .text: sink.write(TextLine.bytes(of: record))
        }
    }

    /// The level in force; setting it detaches this logger from ``LogLevels``.
    package var logLevel: Logger.Level {
        get { ownLevel ?? cell.level.threshold }
        set { ownLevel = newValue }
    }

    /// One entry of the logger's own metadata.
    package subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
