/// # AgentTelemetry: what the agent counts itself, by who calls
///
/// ```
///   Envoy ─ ./etc/istio/proxy/ALS ─► ConnectionLog ─► ConnectionCounts, RequestCounts ─► the page of metrics (15020)
///                                        │                    ▲ names of clients
///   control plane ◄─ addresses ──────────┴─► PeerDirectory ───┘
/// ```
///
/// | folder | what is in it |
/// |---|---|
/// | Log | ``ConnectionLog``: ALS on the agent's socket, and the questions for peers |
/// | Counts | connections and requests, counted in series of which there are only so many: values, without a clock |
/// | Peers | `PeerDirectory`: who is at which address, as far as somebody has asked; ``PeerAnswers`` |
///
/// **Who calls.** HTTP peers say in a header what they are called. A TCP client, and one of HTTP that says nothing, is known
/// by its certificate, if it has one, and by its address: Envoy tells the agent of connections and of such requests (ALS),
/// and the agent asks the control plane who has an address, once for each and again after a minute, over the stream that
/// it relays (`istio.workload.Address`, named `NETWORK/ADDRESS`). Only peers that come are asked for, so that a proxy costs
/// the control plane nothing but the answers, some 150 bytes each, and no proxy holds a table of the mesh. Until the answer
/// is in, counts wait, for ten seconds at most. All of it is bounded: connections, series, addresses; requests are added
/// up at once, and none is kept.
enum AgentTelemetryMap {}
