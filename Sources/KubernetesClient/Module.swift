import KubernetesModel

/// # KubernetesClient: everything that is said to an API server
///
/// ```
///  kubeconfig, service account ─► ClientConfiguration ─► CredentialStore (tokens re-read, plugins run)
///                                                              │ headers, client certificate
///  get, list, apply, … ─► Call ─► TokenBucket ─► ConcurrencyGate ─► HTTPTransport ─► API server
///        ▲                 ▲                                             │
///        │                 └── RetryPolicy: again, after how long? ◄─────┤ status or failure
///        └── ObjectReader: bytes ─► narrow struct or JSONValue ◄─────────┤ body
///  watch ─► WatchEvents (pulled) ◄── LineSplitter ◄──────────────────────┘ stream
///  exec, portForward ─► WebSocketConnection, a connection of its own
/// ```
///
/// What decides (retry, back-off, framing, parsing, merging) is values without sockets; `HTTPTransport`,
/// `WebSocketConnection` and `ExecPlugin` alone touch the world. Nothing is buffered without a bound: answers have a
/// size limit, watches are read as fast as their reader takes events.
enum KubernetesClientMap {}
