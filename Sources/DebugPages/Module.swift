/// # DebugPages: what people may look at while a control plane works
///
/// ```
///   HTTP  /debug/… ─► ControlPlaneDebugging ─┐   DebugAccess: who may, by token, and never without TLS from elsewhere
///   xDS   istio.io/debug ─► DebugQuestions ──┤   (TLSDetector tells both on one port)
///                                            ▼
///                     DebugPage, a page each: +Sync, +Connections, +Mesh, +Policies, +Configuration, …
///                     EnvoyDump: in Envoy's own messages, as istioctl reads them
///                                            │
///                                            ▼
///                     DiscoveryState, a protocol: the engine's answers, each of one moment
/// ```
///
/// Asking changes nothing. Secrets are never shown.
enum DebugPagesMap {}
