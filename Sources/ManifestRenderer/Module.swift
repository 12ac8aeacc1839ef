/// From what a person asks for to the objects that are applied: one pure function, `manifests(for:)`.
///
/// ```
///  IstioOperatorSpec ─┐
///  profile ───────────┼─► MergedSpec ─► Install, PilotSettings, GatewaySettings… ─► components ─► [Manifest]
///  built-in values ───┘   (Installation- (Settings/: typed, checked)             (Components/)      │
///                          Values)                                                                 │
///                                                                                                   ▼
///  RenderedManifests ◄─ apply order ◄─ owner labels ◄─ overlays ◄─ `k8s` overrides (Overrides/, ObjectPatching)
/// ```
///
/// - A component is a function from settings to objects (`Components/`), put together from small functions, one for
///   each kind (`Objects/`). There are no text templates: those of InjectionTemplates are data, for Istio's own injector.
/// - Whatever can change the outcome stands in `RenderInput`. Equal inputs give equal bytes.
/// - What a person got wrong is gathered as `Diagnostic`s: errors are thrown together as one `RenderError`, warnings
///   are handed back with the objects.
/// - What this build does not render is an error that names the field. Nothing is silently left out.
enum Module {}
