/// # ControlPlane: what `pilot-discovery` does
///
/// ```
///  Secret cacerts (plugged in) ─┐
///  Secret istio-ca-secret ──────┼─► MeshRoot ─┬─► RootCertificatePublisher ─► ConfigMap istio-ca-root-cert
///  neither: make one ───────────┘             │    (leader only)              in every namespace
///                                             └─► MeshSecurity ──────────────────────────────┐
///  Observation/                               Discovery/                                     ▼
///   MeshObserver: one WatchedKind a kind       MeshDiscovery, an actor                 DiscoveryPorts
///   InstalledKinds: those of people's           └ ProxyResources, a value:               15010 plain
///     definitions, whenever they come             mesh, plans, classes of proxies        15012 TLS
///     │                                              ▲                │                      │
///     └► ChangeInbox ── batches ─────────────────────┘                └─ ResourceCache ──────┘
///        endpoints at once, the rest                                      a class, shared by
///        after a moment of quiet                                          all its proxies
///   RemoteClusters/  objects of other clusters       Secrets/  certificates of gateways, on top of a class's
///   JWKS/            keys that are fetched           Status/   what is wrong, written by the leader
///   AddressAllocation/  virtual IPs of hosts, recorded by the leader
///
///  8080 /ready      15014 /metrics, /debug (Debug/, for those whom Authentication/ knows)
/// ```
///
/// A replica is ready, and listens for xDS, once the first lists of all kinds are in: no proxy is ever sent half a mesh.
/// Webhooks on 15017 it does not serve yet, and does not listen for.
enum ControlPlaneMap {}
