/// # GoTemplate: the subset of Go templates that injection templates are written in
///
/// ```
///  text ─► TemplateLexer ─ tokens ─► TemplateParser ─ TemplateNode ─┐
///                                                                   ├─► TemplateRun ─► text
///  data, as JSON ─► TemplateValue (a map, or a structure of Go) ────┘       │
///                                                                           └─ TemplateFunctions, TemplateBudget
/// ```
///
/// All of the language's actions are there; of functions its own, Istio's, and those of the library around it that
/// templates of Pods use. Anything else is a `TemplateError` with line and column. Whatever a template says, rendering it
/// ends soon and takes bounded memory: `TemplateLimits`.
enum GoTemplateMap {}
