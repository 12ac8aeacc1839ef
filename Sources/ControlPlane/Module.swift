/// # ControlPlane: what `pilot-discovery` does
///
/// ```
///  Secret cacerts (plugged in) ─┐
///  Secret istio-ca-secret ──────┼─► MeshRoot ─► RootCertificatePublisher ─► ConfigMap istio-ca-root-cert
///  neither: make one ───────────┘                 (leader only)              in every namespace
///
///  8080 /ready      15014 /metrics, /debug/level
/// ```
///
/// What it does not serve yet (xDS on 15010 and 15012, webhooks on 15017) it does not listen for, so that nobody
/// takes it for ready to serve it.
enum ControlPlaneMap {}
