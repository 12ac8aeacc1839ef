import Logging

/// One log statement with everything a line shows, metadata merged and in order.
struct LogRecord: Sendable {
    var time: LogTimestamp
    var level: Logger.Level
    var label: String
    var message: String
    /// Sorted by key. A key that a line uses itself (`time`, `level`, `msg`, `logger`) has got a trailing `_`.
    var fields: [(key: String, value: Logger.MetadataValue)]

    private static let ownKeys: Set<String> = ["time", "level", "msg", "logger"]

    /// - Parameters:
    ///   - layers: Metadata from the widest to the narrowest; the narrowest wins. The statement's error, if it has
    ///     one, is field `error` unless metadata says otherwise.
    init(_ event: LogEvent, time: LogTimestamp, label: String, layers: [Logger.Metadata]) {
        var merged: Logger.Metadata = [:]
        if let error = event.error { merged["error"] = "\(error)" }
        for layer in layers { merged.merge(layer) { _, narrower in narrower } }
        self.time = time
        self.level = event.level
        self.label = label
        self.message = event.message.description
        self.fields = merged.map { (Self.ownKeys.contains($0.key) ? $0.key + "_" : $0.key, $0.value) }
            .sorted { $0.key < $1.key }
    }
}
