/// # MeshModel: the mesh as values, whatever it was read from and whatever it becomes
///
/// ```
///                         ┌─ MeshSettings      what holds for all
///   MeshTranslator ──►    ├─ MeshService       by ServiceKey: names, addresses, ports
///     MeshSnapshot        ├─ EndpointSet       by EndpointKey: who serves a port of a service
///        │                ├─ Workload          by address: who lives there
///        │                ├─ MeshConfiguration what people have configured, kind by kind
///        │                └─ MeshTopology      how networks are entered, and which other clusters there are
///        │ difference(from:)
///        │                       ProxyNode (what an Envoy says of itself) ──► Proxy
///        └─ ViewIndex.view(of:) ◄───────────────────────────────────────────────┘
///                 └─► ProxyView ──► EnvoyTranslator     equal views share every result
///                       └─ OutboundScope   what is in reach: exportTo, and the Sidecar that counts
/// ```
///
/// Nothing here knows Kubernetes' objects or Envoy's messages; both sides translate. All values are sorted where order
/// could show, so that equal meshes are equal values.
enum MeshModel {}
