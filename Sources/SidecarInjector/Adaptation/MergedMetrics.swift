import KubernetesModel

extension AdaptedPod {
    /// Has the agent ask the application for its metrics, so that a scraper gets them with those of the proxy, and with
    /// plaintext that mutual TLS does not refuse.
    mutating func mergeMetrics(_ context: TemplateContext) {
        let said = annotations["prometheus.istio.io/merge-metrics"]?.plainText
        let isOn = said.flatMap(boolean) ?? context.settings.mesh.mergesPrometheus
        guard isOn, boolean(prometheus("scrape") ?? "true") ?? false else { return }
        guard let agentPort = context.agentPort.map({ String($0) }) else { return }
        // A Pod that was injected before, or a person who knows.
        guard prometheus("port") != agentPort else { return }
        if let scrape = scrapeConfiguration {
            withProxy { $0.setVariable("ISTIO_PROMETHEUS_ANNOTATIONS", scrape.jsonText) }
        }
        for name in annotations.keys where prometheusNames.contains(sanitized(name)) { annotations[name] = nil }
        annotations[scrapeTargets] = nil
        annotations["prometheus.io/port"] = .string(agentPort)
        annotations["prometheus.io/path"] = "/stats/prometheus"
        annotations["prometheus.io/scrape"] = "true"
    }

    /// What was asked of the application before; nil for nothing.
    private var scrapeConfiguration: JSONValue? {
        let targets = (annotations[scrapeTargets]?.plainText ?? "").split(separator: ",").compactMap { target in
            let parts = target.filter { !$0.isWhitespace }.split(separator: ":", maxSplits: 1)
            return parts.first.map { (port: String($0), path: parts.count > 1 ? String(parts[1]) : "/metrics") }
        }
        let (scrape, path, port) = (prometheus("scrape"), prometheus("path"), prometheus("port"))
        guard scrape != nil || path != nil || port != nil || !targets.isEmpty else { return .none }
        var configuration: [String: JSONValue] = [
            "scrape": .string(scrape ?? ""), "path": .string(path ?? targets.first?.path ?? ""),
            "port": .string(port ?? targets.first?.port ?? ""),
        ]
        if !targets.isEmpty {
            configuration["targets"] = .array(
                targets.map { ["port": .string($0.port), "path": .string($0.path)] })
        }
        return .object(configuration)
    }

    /// The value of an annotation that scrapers read as `prometheus_io_NAME`, however its separators are spelled.
    private func prometheus(_ name: String) -> String? {
        if let value = annotations["prometheus.io/\(name)"] { return value.plainText }
        let wanted = "prometheus_io_\(name)"
        return annotations.filter { sanitized($0.key) == wanted }.min { $0.key < $1.key }?.value.plainText
    }

    private func sanitized(_ name: String) -> String {
        guard name.hasPrefix("prometheus") else { return name }
        return String(name.map { $0 == "." || $0 == "/" || $0 == "-" ? "_" : $0 })
    }
}

private let scrapeTargets = "prometheus.istio.io/scrape-targets"
private let prometheusNames: Set<String> = ["prometheus_io_scrape", "prometheus_io_port", "prometheus_io_path"]

/// A boolean as annotations spell it.
func boolean(_ text: String) -> Bool? {
    switch text {
    case "1", "t", "T", "true", "TRUE", "True": true
    case "0", "f", "F", "false", "FALSE", "False": false
    default: nil
    }
}
