/// # EnvoyTranslator: what a proxy sees of the mesh, as the resources that Envoy takes
///
/// ```
///  Proxy, ProxyView, MeshSnapshot
///        │ resourcePlan                 which resources there are: outboundPlan + endpointPlan + inboundPlan
///        ▼
///  ResourceInput ── message() ──► Cluster, ClusterLoadAssignment, Listener, RouteConfiguration
///    │
///    ├─ OutboundClusterInput          Clusters/     one port of a service or of a subset, as DestinationRules have it
///    ├─ LoadAssignmentInput           Endpoints/    its endpoints: which are called, and which are preferred
///    ├─ OutboundListenerInput         Listeners/    0.0.0.0_PORT for HTTP, ADDRESS_PORT for all else
///    ├─ RouteConfigurationInput       Routes/       the hosts of a port, with the routes that VirtualServices give them
///    ├─ NameTableInput                DNS/          what agents answer DNS queries with
///    ├─ RouterListenerInput           Gateways/     a port at the edge of the mesh
///    ├─ ProxylessListenerInput …      ProxylessGRPC/  what gRPC libraries take that ask for themselves, without a proxy
///    ├─ VirtualOutboundInput                        what iptables catch on its way out …
///    └─ VirtualInboundInput                         … and in: plain and mutual TLS, by port and first bytes
///         └─ ConnectionFilters        Filters/      what is done besides, by phase: Security/ holds to policies
/// ```
///
/// What is in each other's way is left out, by rules that do not depend on any order; `Conflicts/` tells what it was.
///
/// Services are called through listeners of an `OutboundGroup`: all at once, or those of each listener that a Sidecar asks
/// for (Services/).
///
/// A resource depends on its input and nothing else: whoever keeps results by input shares them among proxies. Names
/// are those that Istio gives, because dashboards, EnvoyFilters and people know them.
///
/// Only filters of stock Envoy are sent. What Istio's proxies do with filters of their own is done so:
///
/// - **Which protocol is inside mutual TLS** is told by ALPN: `istio` for TCP, `istio-http/1.1` or `istio-h2` for HTTP.
///   Clusters carry it in their TLS context. A cluster of a sniffed port serves both: it asks for HTTP, and the TCP chain
///   of the listener in front of it says `istio` instead, by filter state. The server chooses among `h2` and `http/1.1`
///   or, offered neither, goes by the first bytes.
/// - **Peers' identity** comes from certificates alone.
/// - **Istio's standard metrics** are counted by access loggers (`access_loggers.stats`), with tags that agents turn into
///   Istio's labels (MeshMetrics). What clients and servers call themselves travels in a header between their sidecars.
///   Connections are told to the proxy's agent instead, where it counts them: it knows their clients by address, and counts
///   bytes while connections are open. So are requests by clients that do not say what they are called, and calls of gRPC
///   with many messages, whose numbers Envoy cannot add.
/// - **Tokens** are verified by `jwt_authn`, which notes their payload; policies (`rbac`) and routes look at it there.
enum Module {}
