import AgentRuntime
import DiscoveryAPI
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import NIOCore
package import Observability
import SwiftProtobuf

extension AppProbe {
    /// Asks the application what the kubelet would, and answers as it does.
    package func reply(to request: HTTPRequestView, at target: ProbeTarget) async -> HTTPReply {
        do {
            switch kind {
            case .http(let probe):
                return try await probe.reply(to: request, at: target, within: timeout)
            case .tcp(let port):
                let channel = try await LocalConnection.open(
                    host: target.address, port: port, source: target.source, within: timeout
                ) { $0.eventLoop.makeSucceededFuture($0) }
                channel.close(promise: nil)
                return .text("connected\n")
            case .grpc(let port, let service):
                return try await Self.health(of: service, at: target, port: port, within: timeout)
            }
        } catch {
            return .text("the application does not answer the probe: \(error)\n", status: 500)
        }
    }

    /// Serving or not, as the application's own health service says.
    private static func health(
        of service: String, at target: ProbeTarget, port: Int, within limit: Duration
    ) async throws -> HTTPReply {
        let transport = try await HTTP2ClientTransport.WrappedChannel.wrapping { configure in
            try await LocalConnection.open(
                host: target.address, port: port, source: target.source, within: limit, configure)
        }
        let request = Grpc_Health_V1_HealthCheckRequest.with { $0.service = service }
        var options = CallOptions.defaults
        options.timeout = limit
        return try await withGRPCClient(transport: transport) { client in
            let health = Grpc_Health_V1_Health.Client(wrapping: client)
            let response = try await health.check(request, options: options)
            return response.status == .serving
                ? .text("serving\n") : .text("not serving: \(response.status)\n", status: 500)
        }
    }
}

extension AppProbe.HTTPProbe {
    /// The status of the application's answer. Redirects within the Pod are followed, as the kubelet does; others are
    /// the answer.
    fileprivate func reply(
        to request: HTTPRequestView, at target: ProbeTarget, within limit: Duration
    ) async throws -> HTTPReply {
        let deadline = ContinuousClock.now + limit
        var step = LocalHTTPRequest(method: "GET", host: target.address, port: port, target: path)
        step.isEncrypted = isEncrypted
        step.source = target.source
        step.headers = passedHeaders(of: request)
        step.maximumBytes = 10 << 10
        for _ in 0..<10 {
            step.timeout = deadline - ContinuousClock.now
            guard step.timeout > .zero else { throw LocalHTTPError("not within \(limit)") }
            let response = try await step.send()
            guard 300..<400 ~= response.status, let location = response.header("location"),
                let next = step.redirected(to: location)
            else {
                return HTTPReply(
                    status: response.status, contentType: response.header("content-type") ?? "text/plain",
                    body: response.body)
            }
            step = next
        }
        throw LocalHTTPError("it redirected 10 times")
    }

    /// The kubelet's headers and the probe's own; none that belong to one connection.
    private func passedHeaders(of request: HTTPRequestView) -> [(name: String, value: String)] {
        let own = Set(headers.map { $0.name.lowercased() })
        let listed = (request.header("connection") ?? "").split(separator: ",").map {
            $0.filter { $0 != " " }.lowercased()
        }
        let dropped = hopByHop.union(listed).union(own)
        return request.headers.filter { !dropped.contains($0.name.lowercased()) }
            + headers.map { (name: $0.name, value: $0.value) }
    }
}

private let hopByHop: Set<String> = [
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade", "host", "content-length",
]

extension LocalHTTPRequest {
    /// The request that a `Location` asks for; nil: it leads out of the Pod.
    func redirected(to location: String) -> LocalHTTPRequest? {
        var next = self
        if location.hasPrefix("/"), !location.hasPrefix("//") {
            next.target = location
            return next
        }
        guard let scheme = ["http://", "https://"].first(where: { location.lowercased().hasPrefix($0) }) else {
            return nil
        }
        let rest = location.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let isEncrypted = scheme == "https://"
        let hasPort = authority.last?.isNumber == true && authority.contains(":") && !authority.hasSuffix("]")
        let colon = hasPort ? authority.lastIndex(of: ":") : nil
        let name = colon.map { authority[..<$0] } ?? authority
        let named = headers.first { $0.name.lowercased() == "host" }?.value
        let own = [host, "[\(host)]", named.map { String($0.prefix { $0 != ":" }) }].compactMap { $0 }
        guard own.contains(String(name)) else { return nil }
        next.isEncrypted = isEncrypted
        next.port = colon.flatMap { Int(authority[authority.index(after: $0)...]) } ?? (isEncrypted ? 443 : 80)
        let target = rest.dropFirst(authority.count)
        next.target = target.hasPrefix("/") ? String(target) : "/\(target)"
        return next
    }
}
