/// # MeshObservation: what the mesh is made of, as it changes
///
/// ```
///   API server ─► Observation/     MeshObserver: one WatchedKind a kind ─────────────────┐
///                                  InstalledKinds: those of people's definitions         │
///   others' ───► RemoteClusters/   RemoteClusters: one RemoteCluster a Secret with       ├─► ChangeInbox ── batches ──►
///                                  istio/multiCluster=true ─ ClusterMemory ──────────────┤     endpoints at once, the rest
///   HTTP ──────► JWKS/             KeySetUpkeep: keys that verify users' tokens ─────────┤     after a moment of quiet
///   DNS ───────► Networks/         GatewayNameUpkeep: addresses of networks' gateways ───┘
///                                  (both by Fetching/: FetchUpkeep, when by FetchSchedule)
/// ```
///
/// RemoteClusters/ also does things in clusters that are looked after from here: a RemoteDuty each, as far as
/// RemotePermissions go, while RemoteControl says so. Several clusters' control planes agree there who does it, by a
/// Lease (RemoteElection) or the order in which they are named (RemoteClaim); DutyHolders tell who it is. What was known
/// of a cluster counts while it cannot be reached.
enum MeshObservationMap {}
