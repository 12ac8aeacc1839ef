/// # KubernetesModel: the vocabulary every other target speaks
///
/// ```
///  bytes ─► JSONParser ─► JSONValue ─► JSONWriter ─► bytes        objects whose fields we keep as they are
///  YAML  ─► YAMLNode ───────▲   │
///                               ├─ ObjectKey, GroupVersionKind    what an object is called
///                               ├─ ManagedFields                  who owns which field
///                               └─ difference(…)                  does the server need our apply?
///  JSON  ─► Decodable structs (ObjectMeta, Pod, …)                only the fields we read, for lists and watches
/// ```
///
/// ``CompliancePolicy`` is what a standard leaves of TLS, to all programs alike.
/// `Schema/` describes custom resources once, for their CRD and for the messages about wrong input.
enum KubernetesModel {}
