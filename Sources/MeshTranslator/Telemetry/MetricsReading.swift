import KubernetesModel
import MeshModel

/// Reads what a Telemetry says of metrics.
struct MetricsReading {
    private(set) var diagnostics: [Diagnostic] = []

    mutating func rules(_ json: JSONValue?) -> [MetricsRule] {
        (json?.array ?? []).enumerated().map { index, rule in
            let path = "spec.metrics[\(index)]"
            return MetricsRule(
                providers: rule.providerNames,
                overrides: (rule["overrides"]?.array ?? []).enumerated().compactMap {
                    override($0.element, "\(path).overrides[\($0.offset)]")
                }, reportingInterval: interval(rule, path))
        }
    }

    private mutating func interval(_ rule: JSONValue, _ path: String) -> Duration? {
        guard let text = rule["reportingInterval"]?.string else { return nil }
        guard let nanoseconds = DurationText.nanoseconds(text), nanoseconds > 0 else {
            warn("\(path).reportingInterval", "\"\(text)\" is no time, such as 5s; 5s counts")
            return nil
        }
        let limits: (least: Duration, most: Duration) = (.seconds(1), .seconds(300))
        let interval = Duration.nanoseconds(Int64(min(nanoseconds, 1e15)))
        guard interval >= limits.least, interval <= limits.most else {
            warn("\(path).reportingInterval", "\(text) is not from 1s to 5m; the nearer one counts")
            return min(max(interval, limits.least), limits.most)
        }
        return interval
    }

    private mutating func override(_ json: JSONValue, _ path: String) -> MetricsOverride? {
        var override = MetricsOverride(sides: Set(mode: json["match", "mode"]))
        let name = json["match", "metric"]?.string
        if let custom = json["match", "customMetric"]?.string {
            guard let metric = StandardMetric(anyName: custom) else {
                warn("\(path).match.customMetric", "\"\(custom)\" is none of the metrics that proxies have")
                return nil
            }
            override.metrics = [metric]
        } else if let name, name != "ALL_METRICS" {
            guard let metric = StandardMetric(anyName: name) else { return nil }
            override.metrics = [metric]
        }
        override.isDisabled = json["disabled"]?.bool
        for (label, tag) in (json["tagOverrides"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            override.tags[label] = self.tag(tag, named: label, "\(path).tagOverrides.\(label)")
        }
        return override
    }

    private mutating func tag(_ json: JSONValue, named label: String, _ path: String) -> MetricTag? {
        guard label.isLabelName else {
            warn(path, "\"\(label)\" is no name of a label: letters, digits and _, no digit first")
            return nil
        }
        guard json["operation"]?.string != "REMOVE" else { return .removed }
        guard let value = json["value"]?.string, !value.isEmpty else { return nil }
        do {
            let expression = try AttributeExpression(value.withoutConversion)
            for attribute in expression.unknown {
                warn("\(path).value", "\(attribute) is no attribute that proxies know; it has no value")
            }
            if let literal = expression.literal {
                // Envoy takes no empty ones.
                guard !literal.isEmpty else { return .removed }
                return .format(literal.replacing("%", with: "%%").replacing("\n", with: " "))
            }
            guard !expression.text.contains(where: { $0 == "%" || $0.isNewline }) else {
                // In the language of access logs it would end the expression.
                warn("\(path).value", "has a %, which labels cannot be made with; the label stays as it is")
                return nil
            }
            return .format("%CEL(\(expression.text))%")
        } catch {
            warn("\(path).value", "\(error.description); the label stays as it is")
            return nil
        }
    }

    private mutating func warn(_ path: String, _ message: String) {
        diagnostics.append(Diagnostic(.warning, path: path, message: message))
    }
}

extension StandardMetric {
    /// As Telemetry has it (`REQUEST_COUNT`), or as it is called with or without `istio_`.
    fileprivate init?(anyName name: String) {
        let names: [String: StandardMetric] = [
            "REQUEST_COUNT": .requestCount, "REQUEST_DURATION": .requestDuration, "REQUEST_SIZE": .requestSize,
            "RESPONSE_SIZE": .responseSize, "TCP_OPENED_CONNECTIONS": .openedConnections,
            "TCP_CLOSED_CONNECTIONS": .closedConnections, "TCP_SENT_BYTES": .sentBytes,
            "TCP_RECEIVED_BYTES": .receivedBytes, "GRPC_REQUEST_MESSAGES": .requestMessages,
            "GRPC_RESPONSE_MESSAGES": .responseMessages,
        ]
        let bare = name.hasPrefix("istio_") ? String(name.dropFirst("istio_".count)) : name
        guard let metric = names[name] ?? StandardMetric(rawValue: bare) else { return nil }
        self = metric
    }
}

extension String {
    /// Labels are text whatever an expression gives: `string(X)` is `X`.
    fileprivate var withoutConversion: String {
        guard hasPrefix("string("), hasSuffix(")") else { return self }
        let inner = dropFirst("string(".count).dropLast()
        var depth = 0
        for character in inner {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if depth < 0 { return self }
        }
        return String(inner)
    }

    fileprivate var isLabelName: Bool {
        guard let first, first.isASCII, first.isLetter || first == "_" else { return false }
        return allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }
}
