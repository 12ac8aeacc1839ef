/// # WasmPlugins: the modules of WebAssembly plug-ins
///
/// ```
///   a plug-in's configuration ─► PluginConfiguration ─► ModuleRequest ─► ModuleCache ── there ──► a file
///                                       ▲                                   └ not yet ─► ModuleFetch ─► verified ─┘
///                                       └── the same, with the file ◄──────────────────────────────────────────┘
/// ```
///
/// | folder | what is in it |
/// |---|---|
/// | Configuration | ``PluginConfiguration``: what the control plane sends, read and written; addresses of modules and images |
/// | Modules | ``ModuleCache``: modules on disk, fetched once, taken away when nobody uses them; metrics |
/// | Fetching | a module over HTTP or out of an image, its archives, its checksum |
/// | Registry | the OCI registry's side: manifests, challenges, credentials |
enum WasmPluginsMap {}
