package import Metrics

/// Istio's metrics of WebAssembly modules.
package struct ModuleMetrics: Sendable {
    /// What backends can be told that swift-metrics cannot say.
    package static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        ("wasm_cache_entries", "WebAssembly modules that are kept.", nil),
        ("wasm_cache_lookup_count", "Modules that configurations needed, by whether they were there.", nil),
        ("wasm_remote_fetch_count", "Fetches of modules, by their result.", nil),
        ("wasm_config_conversion_count", "Configurations of plug-ins, by what became of them.", nil),
        (
            "wasm_config_conversion_duration", "Milliseconds that configurations of plug-ins waited for modules.",
            [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384]
        ),
    ]

    /// What has become of a plug-in's configuration.
    package enum Conversion: String {
        /// Its module is in a file.
        case success
        /// Nothing had to be done.
        case noRemoteLoad = "no_remote_load"
        /// Its module was not to be had.
        case fetchFailure = "fetch_failure"
        /// It could not be read.
        case unmarshalFailure = "unmarshal_failure"
        /// It could not be written again.
        case marshalFailure = "marshal_failure"
    }

    private let factory: any MetricsFactory
    private let entries: Gauge

    /// Metrics of this backend; by default the program's.
    package init(_ factory: any MetricsFactory = MetricsSystem.factory) {
        self.factory = factory
        entries = Gauge(label: "wasm_cache_entries", factory: factory)
    }

    func set(entries count: Int) { entries.record(count) }

    func countLookup(isHit: Bool) {
        Counter(label: "wasm_cache_lookup_count", dimensions: [("hit", "\(isHit)")], factory: factory).increment()
    }

    /// A fetch has ended: with a module, or at a stage.
    func countFetch(failed stage: ModuleProblem.Stage?) {
        let result = stage?.rawValue ?? "success"
        Counter(label: "wasm_remote_fetch_count", dimensions: [("result", result)], factory: factory).increment()
    }

    /// A configuration is ready, or refused.
    package func countConversion(_ result: Conversion) {
        Counter(label: "wasm_config_conversion_count", dimensions: [("result", result.rawValue)], factory: factory)
            .increment()
    }

    /// So long the configurations of a response waited.
    package func recordConversion(_ time: Duration) {
        Recorder(label: "wasm_config_conversion_duration", factory: factory).record(time / .milliseconds(1))
    }
}
