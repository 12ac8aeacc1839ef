import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The connections to one API server. HTTP/2 where the server speaks it: requests and watches share one connection.
final class HTTPTransport: Sendable {
    let server: String
    private let limits: ClientLimits
    /// What every request carries: who the program is, and whom it acts as.
    let headers: HTTPHeaders
    private let client: HTTPClient
    private let lastHeard = Mutex(ContinuousClock.Instant.now)

    init(_ configuration: ClientConfiguration, userAgent: String, limits: ClientLimits) {
        var http = HTTPClient.Configuration()
        http.redirectConfiguration = .disallow
        http.decompression = .disabled
        http.httpVersion = .automatic
        http.timeout.connect = TimeAmount(limits.connectTimeout)
        http.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256  // each watch takes one without HTTP/2
        http.connectionPool.retryConnectionEstablishment = false  // RetryPolicy decides
        http.http2ConnectionDebugInitializer = noticeDeadPeers
        http.http1_1ConnectionDebugInitializer = noticeDeadPeers

        var server = configuration.server
        var headers = HTTPHeaders([("User-Agent", userAgent)])
        if let name = configuration.tlsServerName, let url = URLParts(server) {
            // The certificate's name goes into the URL, and the override leads to the real host.
            http.dnsOverride = [name: url.host]
            server = url.replacingHost(with: name)
        }
        if let impersonation = configuration.impersonation {
            headers.add(name: "Impersonate-User", value: impersonation.user)
            for group in impersonation.groups { headers.add(name: "Impersonate-Group", value: group) }
        }
        self.server = server
        self.headers = headers
        self.limits = limits
        client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: http)
    }

    func shutdown() async throws { try await client.shutdown() }

    /// How long ago the server was last heard of.
    var silence: Duration { lastHeard.withLock { $0.duration(to: .now) } }

    /// Notes that the server was heard of now.
    func hear() { lastHeard.withLock { $0 = .now } }

    /// Sends a request and waits for the head of its answer, at most for the client's time limit.
    func open(_ call: Call, _ authorization: Authorization) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: server + call.target)
        request.method = call.method
        request.headers = headers
        request.headers.add(name: "Accept", value: call.accept)
        if let token = authorization.header { request.headers.add(name: "Authorization", value: token.exposed) }
        if let body = call.body {
            request.headers.add(name: "Content-Type", value: call.contentType)
            request.body = .bytes(body)
        }
        request.tlsConfiguration = authorization.tls
        let limit = call.timeLimit ?? limits.requestTimeout
        do {
            let response = try await client.execute(request, deadline: .now() + TimeAmount(limit))
            hear()
            return response
        } catch {
            throw failure(error, of: call)
        }
    }

    /// Sends a request and reads its whole answer.
    func response(to call: Call, _ authorization: Authorization) async throws -> Response {
        let limit = call.timeLimit ?? limits.requestTimeout
        do {
            return try await withTimeLimit(limit) { [limits] in
                let response = try await self.open(call, authorization)
                let body = try await response.body.collect(upTo: limits.responseBytes)
                self.hear()
                return Response(status: Int(response.status.code), headers: response.headers, body: body)
            }
        } catch {
            throw failure(error, of: call)
        }
    }

    /// Puts a failure of the layers below into words. Cancellation stays what it is.
    func failure(_ error: any Error, of call: Call) -> any Error {
        if Task.isCancelled || error is CancellationError { return CancellationError() }
        if let error = error as? TransportError { return error }
        let (kind, cause) = TransportError.diagnosis(of: error, limits: limits)
        return TransportError(kind, server: server, request: call.subject, cause: cause)
    }
}

/// A whole answer.
struct Response: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: ByteBuffer

    var isSuccess: Bool { 200..<300 ~= status }
    var retryAfter: String? { headers["Retry-After"].first }
}

/// Has the kernel break a connection whose other end is gone: nothing acknowledged for 30 s, or three probes lost.
private let noticeDeadPeers: @Sendable (any Channel) -> EventLoopFuture<Void> = { channel in
    #if os(Linux)
    let options: [(NIOBSDSocket.OptionLevel, NIOBSDSocket.Option, Int)] = [
        (.socket, .so_keepalive, 1),
        (.tcp, NIOBSDSocket.Option(rawValue: TCP_KEEPIDLE), 15),
        (.tcp, NIOBSDSocket.Option(rawValue: TCP_KEEPINTVL), 5),
        (.tcp, NIOBSDSocket.Option(rawValue: TCP_KEEPCNT), 3),
        (.tcp, NIOBSDSocket.Option(rawValue: TCP_USER_TIMEOUT), 30_000),
    ]
    return .andAllSucceed(
        options.map { level, name, value in
            channel.setOption(ChannelOptions.Types.SocketOption(level: level, name: name), value: value)
        }, on: channel.eventLoop)
    #else
    return channel.setOption(.socketOption(.so_keepalive), value: 1)
    #endif
}
