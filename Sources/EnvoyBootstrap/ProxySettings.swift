package import KubernetesModel

/// What a proxy is started with: Istio's `ProxyConfig`, after everything that overrides something was laid over it.
///
/// ```
///  defaults ◄ mesh file's defaultConfig ◄ $PROXY_CONFIG ◄ annotation proxy.istio.io/config ◄ flags
/// ```
package struct ProxySettings: Hashable, Sendable {
    /// The fields under Istio's names, as JSON.
    package private(set) var fields: JSONValue

    /// Settings of several sources; later ones win.
    ///
    /// Maps are merged field by field. A tracer replaces the one before as a whole: it is one of several kinds.
    package init(_ layers: [JSONValue] = []) {
        fields = layers.reduce(.object([:])) { below, above in
            var base = below
            if above["tracing"] != nil { base["tracing"] = .none }
            return above.object == nil ? base : base.merging(above)
        }
    }

    /// Sets one field, as a flag does.
    package mutating func set(_ field: String, to value: JSONValue) { fields[field] = value }
}

extension ProxySettings {
    /// Envoy's program.
    package var binaryPath: String { text("binaryPath") ?? "/usr/local/bin/envoy" }
    /// The folder of what the agent writes for Envoy.
    package var configPath: String { text("configPath") ?? "./etc/istio/proxy" }
    /// A configuration to start Envoy with instead of the generated one.
    package var customConfigFile: String? { text("customConfigFile") }
    /// A template to make the configuration from.
    package var templatePath: String? { text("proxyBootstrapTemplatePath") }
    /// The control plane.
    package var discoveryAddress: String { text("discoveryAddress") ?? "istiod.istio-system.svc:15012" }
    /// Whether the control plane is called without TLS.
    package var isControlPlanePlain: Bool { text("controlPlaneAuthPolicy") == "NONE" }
    /// Worker threads; nil and 0: one for each processor.
    package var concurrency: Int? { integer("concurrency") }
    /// How long Envoy drains connections of listeners that change.
    package var drainDuration: Duration { duration("drainDuration") ?? .seconds(45) }
    /// How long the proxy drains before it ends.
    package var terminationDrainDuration: Duration { duration("terminationDrainDuration") ?? .seconds(5) }
    /// How often log files are written out.
    package var fileFlushInterval: Duration { duration("fileFlushInterval") ?? .seconds(1) }
    /// How much is gathered before log files are written out; nil: Envoy's default.
    package var fileFlushMinSizeKb: Int? { integer("fileFlushMinSizeKb") }
    /// Port of Envoy's administration.
    package var adminPort: Int { integer("proxyAdminPort").flatMap { $0 == 0 ? nil : $0 } ?? 15000 }
    /// Port of the agent's status; 0: none.
    package var statusPort: Int { integer("statusPort") ?? 15020 }
    /// The environment variables it brings.
    package var environment: [String: String] { texts("proxyMetadata") }
    /// Flags of Envoy's runtime.
    package var runtimeValues: [String: String] { texts("runtimeValues") }
    /// The mesh's name.
    package var meshID: String? { text("meshId") }
    /// How the traffic gets to the proxy: REDIRECT, TPROXY, NONE.
    package var interceptionMode: String { text("interceptionMode") ?? "REDIRECT" }
    /// Whether Envoy's metrics can be asked for compressed.
    package var compressesStatistics: Bool { fields["statsCompression"]?.bool ?? true }

    /// A text that is not empty.
    func text(_ field: String) -> String? {
        fields[field]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    func integer(_ field: String) -> Int? {
        switch fields[field] {
        case .string(let text)?: Int(text)
        case let value?: value.integer.map(Int.init)
        case nil: nil
        }
    }

    func duration(_ field: String) -> Duration? { text(field).flatMap(Duration.init(goText:)) }

    func list(_ field: String, _ inner: String) -> [String] {
        (fields[field]?[inner]?.array ?? []).compactMap(\.string)
    }

    private func texts(_ field: String) -> [String: String] {
        (fields[field]?.object ?? [:]).compactMapValues { value in
            switch value {
            case .string(let text): text
            case .bool(let flag): flag ? "true" : "false"
            case .integer(let number): String(number)
            case .double(let number): "\(number)"
            default: nil
            }
        }
    }
}
