/// # StatusServer: what the agent answers on 15020
///
/// ```
///   kubelet ──── /healthz/ready, /app-health/… ──► AgentStatus ─► Envoy can serve? the application's own probes
///   Prometheus ─ /stats/prometheus ──────────────► MergedMetrics ─► Envoy's page + the application's + the agent's
///   the Pod ──── /drain, /quitquitquit ──────────► the agent
/// ```
///
/// | folder | what is in it |
/// |---|---|
/// | Status | ``AgentStatus``: the routes; ``StartWatch``: how long the start took |
/// | Probes | ``AppProbe``: asks the application what the kubelet would; ``LeaderProbe``: whether its Pod leads |
/// | Metrics | ``MergedMetrics``: the metrics of a Pod as one page, in two formats; where the application shows its own |
enum StatusServerMap {}
