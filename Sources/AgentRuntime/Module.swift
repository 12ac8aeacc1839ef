/// # AgentRuntime: what the parts of an agent stand on
///
/// Knows nothing of meshes: files, sockets and calls within one Pod.
///
/// | folder | what is in it |
/// |---|---|
/// | Files | ``Files``: small files, read and replaced at once; ``FileStamp``: whether they have changed |
/// | Sockets | ``SocketServer``: gRPC on a Unix socket; ``SocketProbe``: whether anybody listens; ``IPAddress`` |
/// | HTTP | ``LocalHTTPRequest``: a call within the Pod, over a connection of its own; ``LocalExchange``: of bytes |
/// | Administration | ``EnvoyAdministration``: Envoy's own port; whether it can serve, how many connections are open |
/// | Calls | ``Backoff``: waits between tries; ``Abandonable``: work given up; ``SharedRuns``: work for all who wait |
/// | Compression | ``Inflater``: gzip data as it comes |
enum AgentRuntimeMap {}
