/// # CommandLineTool: what `apus` can be told
///
/// ```
///  -f files, folders, - ─► InputDocuments ─► the same functions as in the operator ─► standard output: data
///                                             │                                        standard error: words
///                                             └─ with a cluster: Installer             exit 0, 1 (input, cluster), 2 (usage)
/// ```
enum CommandLineTool {}
