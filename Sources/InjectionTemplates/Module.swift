/// # InjectionTemplates: what Istio's own injector is given
///
/// ```
///   sidecar ─────────┐
///   gateway ─────────┼─► builtInTemplates() ─► ConfigMap istio-sidecar-injector ─► an injector that reads templates
///   grpc-simple ─────┤        │
///   grpc-agent ──────┘        └ a marker: who has the same as a typed function need not read the text
/// ```
///
/// Texts in the language of Go's templates, put together from pieces that several of them share. This project's own
/// injector (SidecarInjector) makes the same objects by typed functions.
enum InjectionTemplatesMap {}
