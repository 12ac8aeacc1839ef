import IstioAPI
import KubernetesModel
import MeshModel

/// A Telemetry.
func telemetry(of object: ConfigurationObject, in settings: MeshSettings) -> Translated<Telemetry?> {
    var diagnostics = Schema.telemetrySpec.diagnostics(for: object.spec, at: "spec")
    guard !diagnostics.hasErrors else { return Translated(nil, diagnostics: diagnostics) }
    var reading = MetricsReading()
    let metrics = reading.rules(object.spec["metrics"])
    diagnostics += reading.diagnostics
    var logging = (object.spec["accessLogging"]?.array ?? []).map(AccessLoggingRule.init)
    for index in logging.indices where !logging[index].filter.isEmpty {
        do {
            logging[index].filter = try AttributeExpression(logging[index].filter).text
        } catch {
            // Nobody reads a log of all instead of the few that were asked for.
            logging[index].filter = "false"
            diagnostics.append(
                Diagnostic(
                    .warning, path: "spec.accessLogging[\(index)].filter.expression",
                    message: "\(error.description); nothing is logged"))
        }
    }
    let tracing = (object.spec["tracing"]?.array ?? []).map(TracingRule.init)
    let named = [
        ("accessLogging", logging.map(\.providers)), ("metrics", metrics.map(\.providers)),
        ("tracing", tracing.map(\.providers)),
    ]
    for (list, names) in named {
        for (index, providers) in names.enumerated() {
            for name in providers where settings.extensionProviders[name] == nil {
                if list == "accessLogging", name == ExtensionProviders.builtInLog { continue }
                if list == "metrics", name == ExtensionProviders.builtInMetrics { continue }
                diagnostics.append(
                    Diagnostic(
                        .warning, path: "spec.\(list)[\(index)].providers",
                        message: "\"\(name)\" is none of meshConfig.extensionProviders, so that nothing goes there"))
            }
            if list == "tracing", providers.count > 1 {
                diagnostics.append(
                    Diagnostic(
                        .warning, path: "spec.tracing[\(index)].providers",
                        message: "only the first one counts: spans go to one provider"))
            }
        }
    }
    let target = object.policyTarget(in: settings, &diagnostics)
    return Translated(
        Telemetry(
            origin: object.origin, target: target, accessLogging: logging, tracing: tracing, metrics: metrics),
        diagnostics: diagnostics)
}

extension Set<TrafficSide> {
    init(mode: JSONValue?) {
        switch mode?.string {
        case "CLIENT": self = [.client]
        case "SERVER": self = [.server]
        default: self = [.client, .server]
        }
    }
}

extension AccessLoggingRule {
    fileprivate init(_ json: JSONValue) {
        self.init(
            sides: Set(mode: json["match", "mode"]), providers: json.providerNames,
            isDisabled: json["disabled"]?.bool ?? false, filter: json["filter", "expression"]?.string ?? "")
    }
}

extension TracingRule {
    fileprivate init(_ json: JSONValue) {
        self.init()
        sides = Set(mode: json["match", "mode"])
        providers = json.providerNames
        switch json["randomSamplingPercentage"] {
        case .double(let value): sampling = value
        case .integer(let value): sampling = Double(value)
        default: break
        }
        isDisabled = json["disableSpanReporting"]?.bool
        namesWorkload = json["enableIstioTags"]?.bool
        usesRequestID = json["useRequestIdForTraceSampling"]?.bool
        hidesContext = json["disableContextPropagation"]?.bool
        tags = (json["customTags"]?.object ?? [:]).compactMapValues(TraceTag.init)
    }
}

extension TraceTag {
    fileprivate init?(_ json: JSONValue) {
        if let value = json["literal", "value"]?.string {
            self = .literal(value)
        } else if let name = json["environment", "name"]?.string {
            self = .environment(name, otherwise: json["environment", "defaultValue"]?.string ?? "")
        } else if let name = json["header", "name"]?.string {
            self = .header(name, otherwise: json["header", "defaultValue"]?.string ?? "")
        } else if let format = json["formatter", "value"]?.string {
            self = .format(format)
        } else {
            return nil
        }
    }
}

extension JSONValue {
    var providerNames: [String] { self["providers"]?.array?.compactMap { $0["name"]?.string } ?? [] }
}
