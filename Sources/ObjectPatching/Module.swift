/// # ObjectPatching: patches laid over objects
///
/// | file | what is in it |
/// |---|---|
/// | StrategicMerge | `strategicallyMerged(with:_:)`: as an API server does it, and what excludes each other beyond that |
/// | MergeSchema | ``MergeSchema``: by which keys the lists of a kind are merged |
/// | OverlayPath | ``OverlayPath``: where in an object a patch applies, as `k8s.overlays` and `--set` write it |
/// | OverlayPatch | `apply(_:at:)`: writes or removes what stands there |
///
/// Values in, values out; nothing here knows what the objects are for.
enum ObjectPatchingMap {}
