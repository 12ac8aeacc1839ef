/// # SidecarInjector: a Pod and the mesh's settings in, the Pod with its sidecar out
///
/// ```
/// ConfigMaps ─▶ InjectionSettings ─┐
///                                  ├▶ injection(of:with:) ─▶ Pod ─▶ jsonPatch(from:to:)
/// Pod, namespace ─▶ InjectionRequest ┘
///
///   refusal ─▶ annotationFaults ─▶ templatedPod ─▶ reapplyingOverrides ─▶ adapted
///   who gets    what is wrong       templates laid   the person's own        probes, metrics,
///   no sidecar  with annotations    over the Pod     container wins          order, record
/// ```
///
/// - `Settings/`: what the ConfigMaps and MeshConfig say, read once.
/// - `Selection/`: which Pods get a sidecar, and what their annotations may say.
/// - `Templates/`: the built-in templates as functions, and what templates of people see.
/// - `Merge/`: Kubernetes' strategic merge, overrides, the status annotation and JSON patches.
/// - `Adaptation/`: what no template says.
enum SidecarInjectorMap {}
