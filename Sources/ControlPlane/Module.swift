/// # ControlPlane: what `pilot-discovery` does
///
/// ```
///  Secret cacerts (plugged in) ─┐  CertificateService/     RootPublishing/
///  Secret istio-ca-secret ──────┼─► MeshRoot, RootUpkeep     RootCertificatePublisher ─► ConfigMaps
///  neither: make one ───────────┘    │  RootRotation ◄─────── (leader only)              istio-ca-root-cert, istio-ca-crl
///                                    ▼                         ▲                        in every namespace
///                              MeshAuthority ──────────────────┘
///                                    └─► MeshSecurity, CertificateService ───────────────────┐
///  Observation/                               Discovery/                                     ▼
///   MeshObserver: one WatchedKind a kind       MeshDiscovery, an actor                 DiscoveryPorts
///   InstalledKinds: those of people's           └ ProxyResources, a value:               15010 plain
///     definitions, whenever they come             mesh, plans, classes of proxies        15012 TLS, and the CA
///     │                                              ▲                │                      │
///     └► ChangeInbox ── batches ─────────────────────┘                └─ ResourceCache ──────┘
///        endpoints at once, the rest                                      a class, shared by
///        after a moment of quiet                                          all its proxies
///   RemoteClusters/  objects of other clusters,      Secrets/  certificates of gateways, and pull secrets of plug-ins, on
///                    and what is done there                    top of a class's
///   JWKS/, Networks/ keys and names, by Fetching/     Status/   what is wrong and where Ingresses are reached, written by leaders
///   WorkloadRegistration/  machines outside of Kubernetes: a WorkloadEntry while the proxy is connected, and its health
///   AddressAllocation/  virtual IPs of hosts, recorded by the leader
///   Webhooks/        15017: sidecars for Pods, checks of configuration, and who sends API servers here
///
///  8080 /ready      15014 /metrics, /debug (Debug/, for those whom Authentication/ knows)
/// ```
///
/// A replica is ready, and listens for xDS, once the first lists of all kinds are in: no proxy is ever sent half a mesh.
enum ControlPlaneMap {}
