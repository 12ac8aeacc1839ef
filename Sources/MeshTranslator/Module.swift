/// # MeshTranslator: from Kubernetes' objects to the mesh
///
/// ```
///  ConfigMap istio ──────────────────────────────► MeshSettings ─┐
///  Service ──────────────────► meshService ──────► MeshService ──┤
///  Pod, Node ────────────────► workload ─────────► Workload ─────┼──► MeshSnapshot
///  EndpointSlice, Endpoints ─► endpointSets ─────► EndpointSet ──┘    + [ObjectReference: [Diagnostic]]
///                                  ▲ MeshService, Workloads
///  Istio's kinds ─► ConfigurationTranslation ────► MeshConfiguration
///      └─ ServiceEntry, WorkloadEntry: services and endpoints too, by host (MeshService.merged)
/// ```
///
/// `Objects/` holds only the fields that are read. `MeshTranslation` is all of it at once: made from `ClusterObjects`,
/// and then kept up to date by retranslating no more than what a change touches; both ways give equal values. What it
/// touches is known from what each translation looked at (`MeshInput`, noted in `Reads` of Dataflow).
/// Each other cluster of the mesh has a `MeshTranslation` of its own within it; hosts are one over all of them.
/// An object that makes no sense is left out, or left out in part, and told in the diagnostics; the others stand.
enum MeshTranslator {}
