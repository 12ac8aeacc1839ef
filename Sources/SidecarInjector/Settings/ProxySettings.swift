import IstioAPI
import KubernetesModel
import YAML

/// What one proxy runs with (Istio's `ProxyConfig`): MeshConfig's `defaultConfig`, under ProxyConfigs, under the
/// annotation `proxy.istio.io/config`.
struct ProxySettings: Sendable {
    /// All fields, the defaults too.
    var fields: [String: JSONValue]
    /// The environment variable `PROXY_CONFIG`: JSON without the fields that have Istio's default.
    var text: String
    /// Environment variables of the agent, by name.
    var environment: [(name: String, value: String)]
    var interceptionMode: String
    var holdsApplication: Bool
    var imageType: String
    var statusPort: Int64
    var discoveryAddress: String

    init(_ written: [String: JSONValue]) {
        // Numbers and truths are texts there, as people leave out the quotes.
        var fields = written
        for name in ["proxyMetadata", "runtimeValues"] {
            guard let values = fields[name]?.object else { continue }
            fields[name] = .object(values.mapValues { .string($0.plainText) })
        }
        self.fields = fields
        text = JSONValue.object(ProxySettings.withoutDefaults(fields)).jsonText
        environment = (fields["proxyMetadata"]?.object ?? [:]).sorted { $0.key < $1.key }
            .map { ($0.key, $0.value.plainText) }
        interceptionMode = fields["interceptionMode"]?.string ?? "REDIRECT"
        holdsApplication = fields["holdApplicationUntilProxyStarts"]?.bool ?? false
        imageType = fields["image"]?["imageType"]?.string ?? ""
        statusPort = fields["statusPort"]?.integer ?? 15020
        discoveryAddress = fields["discoveryAddress"]?.string ?? ""
    }

    /// Istio's defaults.
    static let defaults: [String: JSONValue] = [
        "configPath": "./etc/istio/proxy", "binaryPath": "/usr/local/bin/envoy", "serviceCluster": "istio-proxy",
        "drainDuration": "45s", "terminationDrainDuration": "5s", "proxyAdminPort": 15000,
        "controlPlaneAuthPolicy": "MUTUAL_TLS", "discoveryAddress": "istiod.istio-system.svc:15012",
        "statNameLength": 189, "statusPort": 15020, "interceptionMode": "REDIRECT",
    ]

    private static func withoutDefaults(_ fields: [String: JSONValue]) -> [String: JSONValue] {
        fields.filter { name, value in
            switch name {
            case "proxyMetadata": value.object?.isEmpty == false
            case "tracing": value != ["zipkin": ["address": "zipkin.istio-system:9411"]]
            default: value != defaults[name] && !value.isNull
            }
        }
    }

    /// The fields under their names in JSON; people write those of the protocol buffers too.
    static func fields(_ json: JSONValue?) -> [String: JSONValue] {
        guard let fields = json?.object else { return [:] }
        guard fields.keys.contains(where: { $0.contains("_") }) else { return fields }
        return Dictionary(fields.map { (camelCase($0.key), $0.value) }) { $1 }
    }

    private static func camelCase(_ name: String) -> String {
        let words = name.split(separator: "_")
        return words.dropFirst().reduce(String(words.first ?? "")) { $0 + $1.prefix(1).uppercased() + $1.dropFirst() }
    }

    /// These settings under others: a field replaces, but environment variables and runtime values are added.
    func overlaid(with over: [String: JSONValue]) -> ProxySettings {
        guard !over.isEmpty else { return self }
        return ProxySettings(
            fields.merging(over) { _, other in other }.merging(joined(over)) { _, joined in joined })
    }

    private func joined(_ over: [String: JSONValue]) -> [String: JSONValue] {
        var joined: [String: JSONValue] = [:]
        for name in ["proxyMetadata", "runtimeValues"] {
            if let own = fields[name], let other = over[name] { joined[name] = own.merging(other) }
        }
        return joined
    }
}

extension ProxySettings {
    /// What the `spec` of a ProxyConfig says about a proxy.
    static func fields(ofProxyConfig spec: JSONValue) -> [String: JSONValue] {
        var fields: [String: JSONValue] = [:]
        fields["concurrency"] = spec["concurrency"]
        fields["proxyMetadata"] = spec["environmentVariables"]
        fields["image"] = spec["image"]
        return fields
    }

    /// The fields of the annotation `proxy.istio.io/config`.
    static func fields(ofAnnotation text: String) throws(InjectionError) -> [String: JSONValue] {
        let path = "metadata.annotations[\"proxy.istio.io/config\"]"
        do throws(YAMLError) {
            let documents = try JSONValue.documents(yaml: text)
            guard let first = documents.first, !first.isNull else { return [:] }
            if first.object != nil { return fields(first) }
        } catch {
            throw InjectionError(diagnostics: [Diagnostic(path: path, message: "not YAML: \(error)")])
        }
        throw InjectionError(diagnostics: [Diagnostic(path: path, message: "give a map of ProxyConfig's fields")])
    }

    /// What is wrong with the annotation's fields, and what is doubtful. Fields that nobody knows keep no Pod from running:
    /// they do nothing, and whoever wrote them is told so. Numbers in quotes are numbers.
    static func findings(aboutAnnotation fields: [String: JSONValue]) -> (faults: [Diagnostic], doubts: [String]) {
        let path = "metadata.annotations[\"proxy.istio.io/config\"]"
        let found = Schema.meshProxyConfig.diagnostics(for: .object(fields), at: path)
            .filter { !isNumberInQuotes($0) }
        let doubts = found.filter { $0.message.hasPrefix("unknown field") }
        return (found.filter { !doubts.contains($0) && $0.severity == .error }, doubts.map { "\($0)" })
    }

    private static func isNumberInQuotes(_ fault: Diagnostic) -> Bool {
        ["must be an integer", "must be a number"].contains(where: fault.message.hasPrefix)
            && fault.message.hasSuffix("leave out the quotes")
    }
}

extension JSONValue {
    /// A scalar as people write it, without quotes.
    var plainText: String {
        if case .string(let text) = self { return text }
        return isNull ? "" : jsonText
    }
}
