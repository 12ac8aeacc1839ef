/// # AdmissionWebhook: what the API server asks the control plane about objects that come in
///
/// ```
///  API server ── AdmissionReview ─► AdmissionServer 15017 ─► HTTPRoute.admission ─► AdmissionRequest
///             ◄─ AdmissionReview ──────────────────────────── AdmissionVerdict ◄─┬─ InjectionJudge ─► (an injector)
///                                                                                └─ ValidationJudge ─► MeshValidation
///
///  WebhookConfigurations  watches the configurations of this revision, and keeps in them what only the control plane
///                         knows: whose certificate its server has (caBundle), and that it answers (failurePolicy)
/// ```
///
/// Nothing that comes over the wire ends the program: what is no question is answered 400, what cannot be decided is
/// refused with the reason.
enum AdmissionWebhookMap {}
