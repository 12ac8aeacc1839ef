/// # TrafficSimulator: where a call goes, decided as Envoy does
///
/// ```
///   listeners, routes, clusters (EnvoyAPI) + Call ─► listener ─► filter chain ─► TLS ─► virtual host ─► route ─► cluster
/// ```
enum TrafficSimulatorMap {}
