/// # OperatorControllers: what `apus-operator` does
///
/// ```
///  IstioOperator ─► IstioOperatorSpec.read ─► manifests(for:) ─► InstallPlan ─► apply in waves ─► prune ─► status
///                    mistakes ─────────┐         mistakes ──┐      ▲  conflicts ─┐                          ▲
///                                      └────────────────────┴──────┼─────────────┴── Outcome ───────────────┤
///  owned objects ─watch─► OwnedObject (hash, readiness) ───────────┘         waiting for ───────────────────┘
/// ```
///
/// Decide (pure), act (the cluster), tell (status and events): `IstioOperatorReconciler`. What the operator may do in
/// a cluster follows from what it renders and watches: `OperatorAccess`.
enum OperatorControllers {}
