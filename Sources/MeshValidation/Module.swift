/// # MeshValidation: whether an object may enter the mesh
///
/// ```
///                                       ┌─ its schema: types, names, what is required
///  object ─► configurationDiagnostics ──┼─ definitionFaults: limits and rules (Expressions/) of its definition
///                                       ├─ MeshTranslator: what it would mean, and what would come to nothing
///                                       └─ FieldRule (Rules/): what could be made sense of, and is refused all the same
///               │
///               └─► [Diagnostic]: errors refuse, warnings are said
/// ```
///
/// One judge for the webhook and the command line. The rules are those that new API servers check by the definition; older
/// ones, and people with files, have them from here.
enum MeshValidationMap {}
