/// # ProxyAgent: what `pilot-agent` does
///
/// ```
///                         ┌──────────────────── the Pod ─────────────────────────────────────────┐
///  control plane :15012 ◄─┼─ Relay ◄── ./etc/istio/proxy/XDS ◄────────────────┐                   │
///                  CA   ◄─┼─ Certificates ◄── workload-spiffe-uds/socket ◄────┤ Envoy ◄─ traffic ─┼─
///                         │   Names :15053 ◄── the application's questions    │  ▲                │
///                         │   Status :15020 ── health, metrics, probes ──────►│  │ started, drained,
///                         │   Envoy/ ────────────────────────────────────────────┘ started again  │
///                         └───────────────────────────────────────────────────────────────────────┘
///
///  Configuration/  arguments, environment, files of the Pod ─► AgentConfiguration, a value
///  Envoy/          the bootstrap's file, the process, its administration
///  Status/         15020: readiness, one page of metrics, the kubelet's probes, drain and end
///  Certificates/   the workload's identity, and SDS
///  Relay/          xDS between Envoy and the control plane
///  Names/          DNS for the application
///  Capture/        what leads traffic to the proxy, set up before all of this
///  Commands/       request, wait
///  HTTP/           calls within the Pod
/// ```
///
/// ``ProxyAgent`` puts the services together; a program runs them in a service group.
enum ProxyAgentMap {}
