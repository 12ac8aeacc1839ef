/// How a page of metrics is written.
package enum ExpositionFormat: Hashable, Sendable {
    /// Prometheus' text format.
    case text
    /// OpenMetrics, of this version.
    case openMetrics(version: String)

    /// Whether it is not the text format.
    package var isOpenMetrics: Bool { self != .text }

    /// The type of content that goes with it.
    package var contentType: String {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics(let version): "application/openmetrics-text; version=\(version); charset=utf-8"
        }
    }

    /// What an application is asked for, so that its page can be part of one in this format: never what only machines
    /// read, nor names that need quotes.
    package var accepted: String {
        let text = "text/plain;version=0.0.4"
        switch self {
        case .text: return "\(text);q=1,*/*;q=0.1"
        case .openMetrics(let version):
            return "application/openmetrics-text;version=\(version);q=1,\(text);q=0.5,*/*;q=0.1"
        }
    }

    /// What a scraper would rather have of the two, by its `Accept`.
    package init(accepting header: String) {
        var best: (text: Double, open: Double) = (0, 0)
        var version = ""
        for range in header.split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
            func value(_ name: String) -> String? {
                parts.dropFirst().first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
            }
            let weight = value("q").map { Double($0) ?? 0 } ?? 1
            switch parts.first {
            case "application/openmetrics-text":
                let asked = value("version") ?? "1.0.0"
                guard weight > 0, ["0.0.1", "1.0.0"].contains(asked) else { continue }
                best.open = max(best.open, weight)
                version = max(version, asked)
            case "text/plain", "text/*", "*/*": best.text = max(best.text, weight)
            default: break
            }
        }
        self = best.open > 0 && best.open >= best.text ? .openMetrics(version: version) : .text
    }

    /// Whether a page of this type of content is one in OpenMetrics.
    static func isOpenMetrics(_ contentType: String?) -> Bool {
        contentType?.lowercased().contains("application/openmetrics-text") == true
    }
}
