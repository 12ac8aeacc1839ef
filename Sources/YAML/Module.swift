/// YAML text to a tree of nodes and back, over the system's libyaml.
///
/// ```
///  bytes ──► EventParser ──events──► DocumentBuilder ──► [YAMLNode]      text, style, tag, line and column
///            (libyaml; the only      (one stack of its      │
///             file that sees C)       own: aliases, merge   ├──► YAMLScalar.resolved ──► YAMLValue
///                                     keys, limits)         │
///                                                           └──► yamlText(_:) ──► text
/// ```
///
/// - Reading keeps what was written (`YAMLScalar`); what it means (`YAMLValue`) is worked out on demand, as `kubectl`
///   does for the same text but for a few surprises (see `YAMLScalar.resolved`).
/// - Everything that can be wrong with a text is a `YAMLError` with line and column.
/// - Writing depends on meaning alone: equal values give equal text, and reading it again gives the same values.
enum Module {}
