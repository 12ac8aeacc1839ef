/// # CommandLineTool: what `apus` can be told
///
/// ```
///  -f files, folders, - ─► InputDocuments ─┐
///                                          ├─► OperatorInput ─► Rendering ─► standard output: objects
///  --set path=value ─────► Setting ────────┘      │    the same functions as in the operator
///                                                 ├─► Finding: FILE:LINE:COLUMN ─► standard error: words
///                                                 └─► Installer, with a cluster
/// ```
/// Exit codes: 0 fine, 1 the input or the cluster is at fault, 2 the arguments are not understood (`ApusCommand`).
enum CommandLineTool {}
