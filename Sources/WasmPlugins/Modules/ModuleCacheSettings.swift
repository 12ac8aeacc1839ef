/// Where modules are kept, and for how long. The defaults are Istio's.
package struct ModuleCacheSettings: Hashable, Sendable {
    /// Where modules are kept.
    package var folder = "./var/lib/istio/data/wasm"
    /// How they are fetched.
    package var fetch = ModuleFetchSettings()
    /// A module that no plug-in uses is taken away after so long.
    package var expiry: Duration = .seconds(24 * 3600)
    /// How often is looked for such modules.
    package var purgeInterval: Duration = .seconds(3600)
    /// The most that all modules take.
    package var bytes = 1 << 30

    /// Istio's defaults.
    package init() {}
}
