/// The access log that all proxies write, where no Telemetry says otherwise.
package struct AccessLogSettings: Hashable, Sendable {
    package enum Encoding: String, Hashable, Sendable {
        case text = "TEXT"
        case json = "JSON"
    }

    /// Such as `/dev/stdout`; empty: none is written.
    package var file = ""
    package var encoding = Encoding.text
    /// Empty for the built-in format.
    package var format = ""
    /// Connections that no route was found for are logged too.
    package var logsListeners = true

    package init() {}
}

/// Extension providers that are used where no Telemetry names any.
package struct DefaultProviders: Hashable, Sendable {
    package var accessLogging: [String]
    package var metrics: [String]
    package var tracing: [String]

    package init(accessLogging: [String] = [], metrics: [String] = [], tracing: [String] = []) {
        self.accessLogging = accessLogging
        self.metrics = metrics
        self.tracing = tracing
    }
}
