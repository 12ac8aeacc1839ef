import IstioAPI
import KubernetesModel
import MeshModel

/// A Telemetry.
func telemetry(of object: ConfigurationObject, in settings: MeshSettings) -> Translated<Telemetry?> {
    var diagnostics = Schema.telemetrySpec.diagnostics(for: object.spec, at: "spec")
    guard !diagnostics.hasErrors else { return Translated(nil, diagnostics: diagnostics) }
    if object.spec["metrics"]?.array?.isEmpty == false {
        diagnostics.append(Diagnostic(.warning, path: "spec.metrics", message: "is not honoured yet"))
    }
    let logging = (object.spec["accessLogging"]?.array ?? []).map(AccessLoggingRule.init)
    let tracing = (object.spec["tracing"]?.array ?? []).map(TracingRule.init)
    for (list, names) in [("accessLogging", logging.map(\.providers)), ("tracing", tracing.map(\.providers))] {
        for (index, providers) in names.enumerated() {
            for name in providers where settings.extensionProviders[name] == nil {
                if list == "accessLogging", name == ExtensionProviders.builtInLog { continue }
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
    for (index, rule) in (object.spec["tracing"]?.array ?? []).enumerated()
    where rule["disableContextPropagation"]?.bool == true {
        diagnostics.append(
            Diagnostic(
                .warning, path: "spec.tracing[\(index)].disableContextPropagation", message: "is not honoured yet"))
    }
    let target = object.policyTarget(&diagnostics)
    return Translated(
        Telemetry(origin: object.origin, target: target, accessLogging: logging, tracing: tracing),
        diagnostics: diagnostics)
}

extension Set<TrafficSide> {
    fileprivate init(mode: JSONValue?) {
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
    fileprivate var providerNames: [String] { self["providers"]?.array?.compactMap { $0["name"]?.string } ?? [] }
}
