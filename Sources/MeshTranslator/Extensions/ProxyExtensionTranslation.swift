import IstioAPI
import KubernetesModel
import MeshModel

/// A WasmPlugin.
func wasmPlugin(of object: ConfigurationObject, in settings: MeshSettings) -> Translated<ProxyExtension?> {
    var diagnostics = Schema.wasmPluginSpec.diagnostics(for: object.spec, at: "spec")
    guard !diagnostics.hasErrors else { return Translated(nil, diagnostics: diagnostics) }
    let module = WasmModule(object.spec, at: "spec", &diagnostics)
    var found = ProxyExtension(object, filter: .wasm(module), &diagnostics)
    found.isForConnections = object.spec["type"]?.string == "NETWORK"
    return Translated(found, diagnostics: diagnostics)
}

/// A TrafficExtension.
func trafficExtension(of object: ConfigurationObject, in settings: MeshSettings) -> Translated<ProxyExtension?> {
    var diagnostics = Schema.trafficExtensionSpec.diagnostics(for: object.spec, at: "spec")
    guard !diagnostics.hasErrors else { return Translated(nil, diagnostics: diagnostics) }
    if let json = object.spec["wasm"], json.object != nil {
        let module = WasmModule(json, at: "spec.wasm", &diagnostics)
        var found = ProxyExtension(object, filter: .wasm(module), &diagnostics)
        found.isForConnections = json["type"]?.string == "NETWORK"
        return Translated(found, diagnostics: diagnostics)
    }
    guard let script = object.spec["lua", "inlineCode"]?.string else {
        diagnostics.append(Diagnostic(path: "spec", message: "needs one of wasm and lua"))
        return Translated(nil, diagnostics: diagnostics)
    }
    return Translated(ProxyExtension(object, filter: .lua(script), &diagnostics), diagnostics: diagnostics)
}

extension ProxyExtension {
    fileprivate init(_ object: ConfigurationObject, filter: Filter, _ diagnostics: inout [Diagnostic]) {
        let matches = (object.spec["match"]?.array ?? []).map { json in
            let sides: Set<TrafficSide> =
                switch json["mode"]?.string {
                case "CLIENT": [.client]
                case "SERVER": [.server]
                default: [.client, .server]
                }
            let ports = (json["ports"]?.array ?? []).compactMap { $0["number"]?.integer.map { Int($0) } }
            return Match(sides: sides, ports: Set(ports))
        }
        self.init(
            origin: object.origin, target: object.policyTarget(&diagnostics),
            phase: object.spec["phase"]?.string.flatMap(Phase.init(rawValue:)) ?? .unspecified,
            priority: object.spec["priority"]?.integer.map { Int($0) } ?? 0, matches: matches, filter: filter)
    }
}

extension WasmModule {
    fileprivate init(_ json: JSONValue, at path: String, _ diagnostics: inout [Diagnostic]) {
        let address = json["url"]?.string ?? ""
        self.init(url: address.contains("://") ? address : "oci://\(address)")
        sha256 = json["sha256"]?.string ?? ""
        isAlwaysPulled = json["imagePullPolicy"]?.string == "Always"
        pluginName = json["pluginName"]?.string ?? ""
        configuration = json["pluginConfig"]
        failureStrategy = json["failStrategy"]?.string.flatMap(FailureStrategy.init(rawValue:)) ?? .close
        for variable in json["vmConfig", "env"]?.array ?? [] {
            guard let name = variable["name"]?.string else { continue }
            if variable["valueFrom"]?.string == "HOST" {
                hostVariables.append(name)
            } else {
                variables[name] = variable["value"]?.string ?? ""
            }
        }
        if json["imagePullSecret"]?.string?.isEmpty == false {
            diagnostics.append(
                Diagnostic(
                    .warning, path: "\(path).imagePullSecret",
                    message: "is not honoured yet: the module is fetched without credentials"))
        }
    }
}
