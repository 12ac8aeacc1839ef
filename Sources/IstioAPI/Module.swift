/// # IstioAPI: the kinds that people write
///
/// ```
///  Schema.istioOperatorSpec ─┬─► CustomResource.istioOperator.definition      the CRD, for the API server
///                            └─► IstioOperatorSpec.read ─► ReadSpec           what a person wrote, and what is wrong with it
///  IstioOperatorStatus ◄────────► JSON                                        what the operator answers
/// ```
///
/// `Install/` is the IstioOperator. `Networking/`, `Security/`, `Telemetry/` and `Extensions/` are the kinds that people
/// configure the mesh with, `Common/` what they share. Every kind is described once, by a `Schema`; its CRD and the
/// messages about wrong input both come from there.
enum IstioAPI {}
