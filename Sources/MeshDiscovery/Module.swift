/// # MeshDiscovery: what each proxy is sent
///
/// ```
///   batches of ObjectChange ─► MeshDiscovery, an actor: the SnapshotSource of DiscoveryServer
///                                │  MeshTranslator: the mesh now, and what is different in it
///                                │  Impact: whom that concerns (ServiceIndex, NamespaceRules, ChangeKind)
///                                ▼
///                              ProxyResources, a value
///                                +Classes   ProxyClass: proxies that are sent the same
///                                +Plans     EnvoyTranslator's plans, one for all classes of equal ProxyView
///                                +Calls     clusters, endpoints and routes (CallEdit: of one service alone)
///                                +Derived   what only few differ in (DerivedResources)
///                                │  PlannedResource: encoded when somebody is sent it, ResourceMemo: once
///                                ▼
///                              ResourceCache of XDSServer, a class, shared by all its proxies
///
///   WorkloadQuestions   who is at an address           MeshMetrics, ConnectedMeshMetrics   Istio's metrics of all that
///                                                      KnownConflicts   what they tell of calls, looked for bit by bit
/// ```
///
/// Whatever is computed step by step equals what would be computed from scratch; tests hold that over random edits.
enum MeshDiscoveryMap {}
