/// # ControllerRuntime: from "something changed" to "the world is as it should be"
///
/// ```
///  API server ─list, watch─► Reflector ─► Store ─change─► WorkQueue ─key─► Controller ─► Reconciler
///                                          ▲                  ▲  rate limit, back-off        │
///                                          └──── reads ───────┼──────────────────────────────┤
///                                                             └── Requeue ───────────────────┤
///  API server ◄── Applier, StatusWriter, StatusEditor, EventRecorder, Finalizer (only while LeaderElector leads)
/// ```
///
/// Level-triggered: a change only names an object to look at, so a missed or repeated change does no harm.
enum ControllerRuntime {}
