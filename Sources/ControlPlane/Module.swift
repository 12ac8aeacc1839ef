/// # ControlPlane: what `pilot-discovery` does
///
/// ```
///    MeshObservation                            MeshDiscovery                      Serving/DiscoveryPorts
///     own cluster, other clusters, keys, names   what each class of proxies is sent   15010 plain
///     └► ChangeInbox ─ batches of changes ─────► └─ ResourceCache ─ SecretDiscovery ─► 15012 TLS, and the CA
///             │                                                     gateways' own        ▲        (CertificateService)
///             │                                                                          │
///             ├► MeshControllers: machines outside of Kubernetes, virtual IPs, statuses  │
///             │                                                                    Serving/MeshSecurity
///             └► Webhooks/  15017: sidecars for Pods, checks of configuration ◄────  who calls (Authentication),
///                           (AdmissionWebhook), and who sends API servers here       and by which certificate
///
///    8080 /ready      15014 /metrics (MeshSampling, and everybody's own), /debug (DebugPages, by ObservedDiscovery)
/// ```
///
/// Here is no more than how these are put together: `ControlPlane` builds and runs them for one
/// `ControlPlaneConfiguration`, and `ControlPlaneAccess` says what they may do in a cluster.
///
/// A replica is ready, and listens for xDS, once the first lists of all kinds are in: no proxy is ever sent half a mesh.
enum ControlPlaneMap {}
