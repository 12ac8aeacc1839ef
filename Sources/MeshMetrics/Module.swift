/// # MeshMetrics: from an Envoy's own counts to Istio's standard metrics
///
/// ```
///  EnvoyTranslator ── tells Envoy what to count, with short tags: MetricTags ──► Envoy
///                                                                                  │ /stats/prometheus
///  pilot-agent ◄── Istio's names and labels ── MetricsPage.rewritten ◄─────────────┘
///                                                   ▲
///                                         own PeerNames: what the proxy's workload is called
///                                         CountedTraffic: connections, and requests by clients without a name,
///                                         where the agent counts them
/// ```
///
/// An Envoy counts each request several times a second over, so that its tags are few: what is the same for all of its
/// counts is left to the reader of its page, and what belongs together is one tag. The peer's names come from the control
/// plane, with the endpoint that was called, or from the peer itself, in a header. A peer's own word counts only as far
/// as its certificate vouches for the namespace.
enum MeshMetrics {}
