/// # XDSServer
///
/// The xDS protocol, state of the world and delta, as state machines: values go in, actions come out. No socket, no
/// clock, no protobuf, and no idea of what a mesh is; who owns a connection feeds it and does what it says.
///
/// ```
///   ResourceCache ──► ResourceSnapshot (a type's resources, encoded once, shared by all streams)
///                          │ publish
///   DiscoveryRequest ──────▼────────────────────────────────────────────┐
///     receive       ADSStream: limits, deadlines, order among types     │──► [StreamAction]
///   now ──────────►   └─ Subscription, one a type:                      │      send, acknowledged, rejected, close
///     tick                Interest       what the client asked for      │
///                         HeldResources  what it acknowledged           │──► StreamStatus (/debug/syncz), counters
///                         Rejections     what it refused, and keeps out │
///                         Outstanding    the one response not answered  │
///                  ─────────────────────────────────────────────────────┘
///   changes ──► Debounce ──► when to compute the next snapshots
/// ```
///
/// What holds at every moment:
/// - A type of a stream has at most one response without an answer; snapshots that come meanwhile coalesce to the
///   newest.
/// - Nothing is sent that the client has acknowledged, unless it asks again or must warm what depends on it.
/// - Nothing that was refused is sent again by itself. Of several resources refused together the good ones still
///   arrive: the response is halved until the bad ones stand alone.
/// - Clusters, endpoints, listeners, routes, then secrets and extensions: each waits until those before it are
///   acknowledged, but for endpoints and secrets, which Envoy has to have before it acknowledges clusters.
///   Clusters are taken away last, when nothing names them any more.
///
/// What the protocol leaves open, and is left to the client: a delta client that loses its stream between a cluster and
/// its endpoints, and says on the next that it has both, gets neither again. Envoy has them in its cache.
