import IstioAPI
import KubernetesModel
import MeshModel

/// A WasmPlugin.
func wasmPlugin(of object: ConfigurationObject, in settings: MeshSettings) -> Translated<ProxyExtension?> {
    var diagnostics = Schema.wasmPluginSpec.diagnostics(for: object.spec, at: "spec")
    guard !diagnostics.hasErrors else { return Translated(nil, diagnostics: diagnostics) }
    let module = WasmModule(object.spec, of: object, in: settings, at: "spec", &diagnostics)
    var found = ProxyExtension(object, filter: .wasm(module), in: settings, &diagnostics)
    found.isForConnections = object.spec["type"]?.string == "NETWORK"
    return Translated(found, diagnostics: diagnostics)
}

/// A TrafficExtension.
func trafficExtension(of object: ConfigurationObject, in settings: MeshSettings) -> Translated<ProxyExtension?> {
    var diagnostics = Schema.trafficExtensionSpec.diagnostics(for: object.spec, at: "spec")
    guard !diagnostics.hasErrors else { return Translated(nil, diagnostics: diagnostics) }
    if let json = object.spec["wasm"], json.object != nil {
        let module = WasmModule(json, of: object, in: settings, at: "spec.wasm", &diagnostics)
        var found = ProxyExtension(object, filter: .wasm(module), in: settings, &diagnostics)
        found.isForConnections = json["type"]?.string == "NETWORK"
        return Translated(found, diagnostics: diagnostics)
    }
    guard let script = object.spec["lua", "inlineCode"]?.string else {
        diagnostics.append(Diagnostic(path: "spec", message: "needs one of wasm and lua"))
        return Translated(nil, diagnostics: diagnostics)
    }
    let found = ProxyExtension(object, filter: .lua(script), in: settings, &diagnostics)
    return Translated(found, diagnostics: diagnostics)
}

extension ProxyExtension {
    fileprivate init(
        _ object: ConfigurationObject, filter: Filter, in settings: MeshSettings, _ diagnostics: inout [Diagnostic]
    ) {
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
            origin: object.origin, target: object.policyTarget(in: settings, &diagnostics),
            phase: object.spec["phase"]?.string.flatMap(Phase.init(rawValue:)) ?? .unspecified,
            priority: object.spec["priority"]?.integer.map { Int($0) } ?? 0, matches: matches, filter: filter)
    }
}

extension WasmModule {
    fileprivate init(
        _ json: JSONValue, of object: ConfigurationObject, in settings: MeshSettings, at path: String,
        _ diagnostics: inout [Diagnostic]
    ) {
        let address = json["url"]?.string ?? ""
        self.init(url: address.contains("://") ? address : "oci://\(address)")
        sha256 = json["sha256"]?.string ?? ""
        pullPolicy = json["imagePullPolicy"]?.string.flatMap(PullPolicy.init(rawValue:)) ?? .unspecified
        if pullPolicy == .always { version = String(object.metadata.generation) }
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
        // Istio takes it with a scheme and a namespace, too; the namespace is the object's in any case.
        pullSecret = json["imagePullSecret"]?.string?.split(separator: "/").last.map(String.init) ?? ""
        if !pullSecret.isEmpty, object.key.namespace == settings.rootNamespace {
            diagnostics.append(
                Diagnostic(
                    .warning, path: "\(path).imagePullSecret",
                    message: "is given to the proxies of namespace \(settings.rootNamespace) alone: those of others "
                        + "cannot fetch the module; make the plug-in, and the Secret, in their namespaces"))
        }
    }
}
