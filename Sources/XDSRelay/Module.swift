/// # XDSRelay: xDS between the proxy and the control plane
///
/// ```
///                              ┌─────────── RelaySession, one a stream of the proxy ───────────┐
///   Envoy, gRPC libraries ◄─►  │ RelayStream: what the proxy wants, and what it has acknowledged │ ◄─► control plane
///   ./etc/istio/proxy/XDS      └──────┬───────────────┬──────────────────┬─────────────────────┘     :15012
///                                 plug-ins        names, roots        peers
///                                     ▼               ▼                  ▼
///                               WasmPlugins   DNSProxy, Workload-   AgentTelemetry
///                                             Credentials
/// ```
///
/// | folder | what is in it |
/// |---|---|
/// | Relay | ``DiscoveryRelay``: the socket, the connections, whom the agent's own resources go to; ``ControlPlaneQuestion`` |
/// | Stream | `RelayStream`: the same without sockets, as a value that returns actions; what is kept for the next proxy |
/// | Plugins | ``PluginPreparation``: files in the place of modules, before the proxy sees a plug-in's configuration |
/// | Tap | ``DebugTap``: 15004, people's questions about the control plane, passed on to it |
///
/// The proxy's stream stays while the control plane is away: what it asks for is answered from what it, or the proxy
/// before it, has acknowledged.
enum XDSRelayMap {}
