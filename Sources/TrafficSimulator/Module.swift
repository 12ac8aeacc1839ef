/// # TrafficSimulator: where a call goes, decided as Envoy does
///
/// ```
///                        ProxyConfiguration (listeners, routes, clusters of EnvoyAPI)
///                                │
///  Call ─► listener ─► inspectors ─► filter chain ─► TLS ─┬─ HTTP: virtual host ─► route ─┬─► cluster
///          Connections/                                   │  Requests/    policies ───────┤   answer
///                                                         └─ TCP: policies ───────────────┘   refusal
///                                                            Policies/
/// ```
///
/// `simulation(of:through:)` gives every step with its reason and, where the message names it, the object that caused
/// it. What Envoy and the conformance tests of Istio decide differently is a `SimulationPolicy`, and nothing else is.
enum TrafficSimulatorMap {}
