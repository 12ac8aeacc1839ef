/// # Dataflow: compute only what a change touches
///
/// ```
///  a source changes ─► Dependencies.dependents(on:) ─► computed again, with Reads ─► Derived.update
///                              ▲                                                         │
///                              └───────── equal to what was there: nothing ◄─────────────┤
///                                                                                        ▼
///                                                      another value: what reads it is touched in turn
/// ```
/// A computation notes in ``Reads`` what it looks at, also what it looks for in vain. Nobody writes down by hand what
/// depends on what: ``Dependencies`` remembers it from one computation to the next. ``Index`` finds elements by a key that
/// many of them share, which is how collections are joined.
///
/// All of it are values without a clock or a queue: who owns them decides in which order waves run.
enum DataflowMap {}
