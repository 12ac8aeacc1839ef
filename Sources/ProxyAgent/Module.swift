/// # ProxyAgent: what `pilot-agent` does
///
/// ```
///                         ┌──────────────────── the Pod ─────────────────────────────────────────┐
///  control plane :15012 ◄─┼─ XDSRelay ◄── ./etc/istio/proxy/XDS ◄─────────────┐                   │
///                  CA   ◄─┼─ WorkloadCredentials ◄── …/workload-spiffe-uds ◄──┤ Envoy ◄─ traffic ─┼─
///                         │   DNSProxy :15053 ◄── the application's questions │  ▲                │
///                         │   StatusServer :15020 ── health, metrics, probes ►│  │ started, drained,
///                         │   Envoy/ ────────────────────────────────────────────┘ started again  │
///                         └───────────────────────────────────────────────────────────────────────┘
///
///  here:
///  Configuration/  arguments, environment, files of the Pod ─► AgentConfiguration, a value
///  Envoy/          the bootstrap's file, the process, its start, drain and end
///  Lifetime/       the end of an application that ends by itself
///  Health/         what the control plane is told of a workload outside of Kubernetes
///  Capture/        what leads traffic to the proxy, set up before all of this
///  Commands/       request, wait
///
///  targets of their own, which this one puts together:
///  XDSRelay             xDS between Envoy and the control plane; 15004, people's questions to it
///  WorkloadCredentials  the workload's identity, and SDS; its calls to the CA
///  WasmPlugins          modules of plug-ins, fetched before Envoy sees their configuration
///  DNSProxy             DNS for the application
///  AgentTelemetry       ./etc/istio/proxy/ALS: connections and requests that Envoy tells of, by who calls
///  StatusServer         15020: readiness, one page of metrics, the kubelet's probes, drain and end
///  AgentRuntime         below all of them: files, sockets, calls within the Pod
/// ```
///
/// ``ProxyAgent`` puts the services together; a program runs them in a service group.
enum ProxyAgentMap {}
