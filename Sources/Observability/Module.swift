/// # Observability
///
/// What a program says about itself, and the small HTTP server that says it. Knows nothing of meshes or Kubernetes.
///
/// ```
///   swift-log ────► LineLogHandler (JSON or text) ──► LogSink (one write per line, stderr)
///                        ▲ level of this logger
///                    LogLevels ◄──────────────────────────────┐
///                                                             │ /debug/level
///   swift-metrics ─► MetricsRegistry ──text exposition──► /metrics ┐
///   /proc/self ─────► ProcessMetrics ─────────┘                    ├── HTTPEndpoints, one per port ◄─ kubelet,
///   checks ────────► HealthChecks ───────────────► /healthz /readyz┘                                  Prometheus
/// ```
///
/// A program calls `bootstrapLogging`, gives its ``MetricsRegistry`` to `MetricsSystem.bootstrap`, and runs one
/// ``HTTPEndpoints`` per port in its service group. Everything a handler can be asked is bounded: connections,
/// header and body sizes, time per request, series per metric.
