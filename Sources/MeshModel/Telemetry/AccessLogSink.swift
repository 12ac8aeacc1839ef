package import KubernetesModel

/// An access log, and what is written to it.
package struct AccessLogSink: Hashable, Sendable {
    package enum Format: Hashable, Sendable {
        /// The built-in one, as text or as JSON.
        case standard(AccessLogSettings.Encoding)
        case text(String)
        /// Fields and their formats, as a JSON object.
        case json(JSONValue)
    }

    package enum Kind: Hashable, Sendable {
        case file(path: String)
        /// Envoy's service for access logs.
        case httpService(RemoteLog)
        case tcpService(RemoteLog)
        case openTelemetry(RemoteLog)
    }

    /// A service that logs are sent to.
    package struct RemoteLog: Hashable, Sendable {
        package var host: String
        package var port: Int
        package var name: String
        package var requestHeaders: [String] = []
        package var responseHeaders: [String] = []
        package var responseTrailers: [String] = []
        package var filterStateObjects: [String] = []

        package init(host: String, port: Int, name: String) {
            self.host = host
            self.port = port
            self.name = name
        }
    }

    package var kind: Kind
    package var format: Format
    /// Values that are not there are left out of JSON.
    package var omitsEmptyValues = false
    /// A CEL expression of what is logged; empty for all.
    package var filter = ""

    package init(_ kind: Kind, format: Format) {
        self.kind = kind
        self.format = format
    }
}

extension AccessLogSettings {
    /// The format that the mesh's own log has.
    package var sinkFormat: AccessLogSink.Format {
        guard !format.isEmpty else { return .standard(encoding) }
        guard encoding == .json else { return .text(format) }
        // Whoever reads MeshConfig says that a format is no JSON object; here the built-in one takes its place.
        guard let json = try? JSONValue(parsing: format.utf8), json.object != nil else { return .standard(.json) }
        return .json(json)
    }

    /// The log that all proxies write, if any.
    package var sinks: [AccessLogSink] {
        file.isEmpty ? [] : [AccessLogSink(.file(path: file), format: sinkFormat)]
    }
}
