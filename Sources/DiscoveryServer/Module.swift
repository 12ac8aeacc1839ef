/// # DiscoveryServer: the streams of XDSServer on the wire
///
/// ```
///   DiscoveryServer, one a port ──► AggregatedDiscoveryService, shared by all ports
///     TransportConnections            │ PeerAuthenticator: who is on the other side
///     (limit, force-close)            │ DiscoveryStreams: who is connected (/debug/syncz), limit, drain
///     DiscoveryListener: TLS          │ QuestionAnswering: requests that follow nothing (istio.io/debug)
///     CompanionServices beside it     │ ProxyAttending: told who comes, reports and goes
///                                     │
///                                     ▼
///   Envoy ◄─ gRPC ─► DiscoveryStream, one a stream: the tasks around one ADSStream of XDSServer
///                      read     requests, one by one: nothing queues
///                      write    responses; a client that does not read blocks this task alone
///                      follow   snapshots of the SnapshotSource, only the newest waits
///                      timers   the machine's deadlines
///                    Wire/      the bytes of resources go out as they are, around them a few of ours
/// ```
///
/// What bounds memory: a type of a stream has at most one response that is not acknowledged, and requests are read only
/// as fast as they are handled. What ends the dead: the acknowledgement deadline ends the stream, and when its remains
/// cannot be sent, the connection is closed.
