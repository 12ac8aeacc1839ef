/// # InstallationValues: what an IstioOperator asks for, all told
///
/// ```
///   IstioOperatorSpec ─┐
///   Profile ───────────┼─► MergedSpec: spec and values as they count ─► ValuesReader: typed, with what is wrong
///   built-in values ───┘        ▲
///                 Platform, CompatibilityVersion, another profile: values that names stand for
/// ```
///
/// | folder | what is in it |
/// |---|---|
/// | Profiles | ``Profile``: the built-in ones; platforms and versions with values of their own; specs laid over others |
/// | Values | ``MergedSpec``; the built-in values; which components values switch; ``ValuesReader`` |
///
/// What is made of it is ManifestRenderer's.
enum InstallationValuesMap {}
