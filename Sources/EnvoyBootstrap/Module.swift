/// # EnvoyBootstrap: what Envoy starts with
///
/// ```
///  environment ─┐
///  podinfo ─────┼─► NodeInput ─ nodeDescription(of:) ─► NodeDescription ─┐   id, cluster, locality, metadata
///  addresses ───┘        ▲                                               │
///                        │                                               ▼
///  mesh file ──┐         │                                        BootstrapInput ─ bootstrap(for:) ─► JSON
///  PROXY_CONFIG┼─► ProxySettings ────────────────────────────────────────▲
///  annotation ─┘    (ProxyConfig, merged)                                │
///                                                    ports, sockets, logs ┘
///
///  bootstrap(for:)   Bootstrap.swift             the whole
///                    StaticClusters.swift        xds-grpc, sds-grpc, als-grpc, prometheus_stats, agent,
///                                                sds-external and sds-files-grpc beside other programs
///                    StaticListeners.swift       15090 metrics, 15021 health
///                    StatisticsSettings.swift    which statistics are kept, how they are tagged
///                    BootstrapTracing.swift      the tracer of ProxyConfig
///                    RemoteSinks.swift           metrics and access logs sent elsewhere
///                    BootstrapCompliance.swift   what a policy leaves of TLS
///
///  ownBootstrap(_:for:)  OwnBootstrap.swift      people's own: JSON, YAML, or a Go template of them
///                    TemplateVariables.swift     what such templates find
/// ```
///
/// Everything here is a pure function over values: the same for the agent, for `pilot-agent bootstrap` and for tests.
enum EnvoyBootstrapMap {}
