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
///  Tap/            15004: people's questions about the control plane, passed on to it
///  Wasm/           modules of plug-ins, fetched before Envoy sees their configuration
///  Health/         what the control plane is told of a workload outside of Kubernetes
///  Names/          DNS for the application
///  Telemetry/      ./etc/istio/proxy/ALS: connections that Envoy tells of, counted by who calls
///  Capture/        what leads traffic to the proxy, set up before all of this
///  Commands/       request, wait
///  HTTP/           calls within the Pod
/// ```
///
/// **Who calls.** HTTP peers say in a header what they are called. A TCP client is known by its certificate, if it has one,
/// and by its address: Envoy tells the agent of connections (ALS), and the agent asks the control plane who has an address,
/// once for each and again after a minute, over the stream that it relays (`istio.workload.Address`, named
/// `NETWORK/ADDRESS`). Only peers that come are asked for, so that a proxy costs the control plane nothing but the answers,
/// some 150 bytes each, and no proxy holds a table of the mesh. Until the answer is in, a connection's counts wait, for
/// ten seconds at most. All of it is bounded: connections, series, addresses.
///
/// ``ProxyAgent`` puts the services together; a program runs them in a service group.
enum ProxyAgentMap {}
