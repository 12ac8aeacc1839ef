import FoundationEssentials
import KubernetesModel
import ManifestRenderer
import SidecarInjector
import YAML

/// The settings of injections as files and arguments give them, by way of the ConfigMaps of an install.
struct InjectionFiles {
    var settings: [String]
    var values: [String]
    var meshConfig: String?
    var injectConfig: String?
    var revision: String?
    var kubernetesMinor: Int
    var environment = ProcessInfo.processInfo.environment

    func injectionSettings() throws(InputFault) -> InjectionSettings {
        let rendered = try rendering()
        var config = rendered.injector["config"] ?? ""
        var values = rendered.injector["values"] ?? ""
        if let injectConfig {
            let own = try map(in: injectConfig)
            config = own["data"]?["config"]?.string ?? yamlText(YAMLNode(own))
            values = own["data"]?["values"]?.string ?? values
        }
        var mesh: JSONValue = [:]
        if let text = rendered.mesh, let read = try? JSONValue.documents(yaml: text).first { mesh = read }
        if let meshConfig { mesh = mesh.merging(try map(in: meshConfig)) }
        do {
            return try InjectionSettings(
                config: config, values: values, meshConfig: mesh,
                facts: InjectionFacts(
                    revision: rendered.revision, kubernetesMinor: kubernetesMinor, environment: environment))
        } catch {
            throw InputFault(
                error.diagnostics.map { Finding(at: injectConfig.map { .file($0, nil) }, $0.description) })
        }
    }

    /// The texts of the ConfigMaps that an install would have.
    private func rendering() throws(InputFault)
        -> (injector: [String: String], mesh: String?, revision: String)
    {
        var findings: [Finding] = []
        var settings: [Setting] = []
        for text in self.settings {
            do { settings.append(try Setting(parsing: text)) } catch { findings += error.findings }
        }
        if let revision { settings.append(Setting(["revision"], revision, argument: "--revision \(revision)")) }
        guard findings.isEmpty else { throw InputFault(findings) }
        var documents: [InputDocument] = []
        var removed: [[String]] = []
        for file in values { documents += try operators(withValuesOf: file, removing: &removed) }
        let rendering = Rendering(
            try OperatorInput(documents, settings), kubernetesMinor: kubernetesMinor)
        guard let manifests = rendering.manifests else { throw InputFault(rendering.findings) }
        func texts(_ name: String) -> [String: String]? {
            let object = manifests.manifests.map(\.object).first {
                $0.kind == "ConfigMap" && ($0.name == name || $0.name == "\(name)-\(manifests.revision)")
            }
            return object?.json["data"]?.object?.compactMapValues(\.string)
        }
        guard var injector = texts("istio-sidecar-injector") else {
            throw InputFault(
                "an install with these settings has no ConfigMap istio-sidecar-injector; name a file with its "
                    + "configuration with --injectConfigFile")
        }
        if !removed.isEmpty, let text = injector["values"], var values = try? JSONValue(parsing: text) {
            for path in removed where values.value(at: path) != nil { values.set(nil, at: path) }
            injector["values"] = values.jsonText
        }
        return (injector, texts("istio")?["mesh"], manifests.revision)
    }

    /// An IstioOperator with the values of a file.
    ///
    /// - Parameter removed: Gets the paths of the values that are null, which take away what an install has by default.
    private func operators(
        withValuesOf file: String, removing removed: inout [[String]]
    ) throws(InputFault) -> [InputDocument] {
        let values = try map(in: file)
        removed += values.pathsOfNulls
        let iop: JSONValue = [
            "apiVersion": "install.istio.io/v1alpha1", "kind": "IstioOperator",
            "spec": ["values": values.withoutNulls],
        ]
        return InputDocuments(text: yamlText(YAMLNode(iop)), of: file).documents
    }

    private func map(in file: String) throws(InputFault) -> JSONValue {
        let nodes: [YAMLNode]
        do { nodes = try yamlDocuments(try text(of: file)) } catch let fault as InputFault { throw fault } catch {
            throw InputFault("not YAML: \(error)", at: .file(file, nil))
        }
        let maps = nodes.map { JSONValue($0) }.filter { !$0.isNull }
        guard maps.count < 2, maps.first?.object != nil || maps.isEmpty else {
            throw InputFault("one map is expected", at: .file(file, nil))
        }
        return maps.first ?? [:]
    }
}

extension JSONValue {
    /// Where maps of this value hold null.
    fileprivate var pathsOfNulls: [[String]] {
        guard let object else { return [] }
        return object.flatMap { name, value in
            value.isNull ? [[name]] : value.pathsOfNulls.map { [name] + $0 }
        }
    }
}
