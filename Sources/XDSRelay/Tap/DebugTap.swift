import AgentRuntime
import DiscoveryAPI
package import EnvoyBootstrap
import GRPCCore
import KubernetesModel
package import Logging
import NIOCore
import Observability
import ServiceLifecycle
import Synchronization

/// Where the tap listens.
package struct DebugTapSettings: Hashable, Sendable {
    /// The address that it listens on.
    package var host = "127.0.0.1"
    /// 0: there is no tap.
    package var port = 15004
    /// The socket behind the port, for those who speak gRPC.
    package var socketPath = "./etc/istio/proxy/TAP"
    /// How long the control plane may take for an answer.
    package var patience: Duration = .seconds(30)
    /// So many questions may be under way; one more is refused.
    package var questions = 4
    /// The most that an answer has.
    package var answerBytes = 64 << 20

    /// Istio's.
    package init() {}
}

/// Passes people's questions about the control plane on to it, as the workload: who may enter the Pod may ask what the
/// workload may.
///
/// ```
///   HTTP  GET /debug/syncz ──────────────┐
///   gRPC  ADS, type istio.io/debug ──────┴─► 127.0.0.1:15004 ─► a stream of its own ─► control plane
/// ```
/// Nothing of it goes over the proxy's own stream: what the control plane refuses would end it.
package final class DebugTap: Service {
    private let settings: DebugTapSettings
    private let question: ControlPlaneQuestion
    private let logger: Logger
    private let underWay = Mutex(0)
    private let endpoints = Mutex<HTTPEndpoints?>(nil)

    /// - Parameters:
    ///   - relay: How the control plane is reached.
    ///   - node: Who asks.
    package init(
        _ settings: DebugTapSettings = DebugTapSettings(), relay: DiscoveryRelaySettings, node: NodeDescription,
        logger: Logger = Logger(label: "tap")
    ) {
        self.settings = settings
        question = ControlPlaneQuestion(settings: relay, node: node, answerBytes: settings.answerBytes)
        self.logger = logger
    }

    /// The port, as soon as it listens.
    package var boundPort: Int { get async throws { try await server.boundPort } }

    /// Serves until the service ends. Without the port there is no tap, and everything else goes on.
    package func run() async throws {
        let grpc = SocketServer(
            path: settings.socketPath, mode: 0o600, services: [DebugTapService(tap: self)], requestBytes: 1 << 20)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await self.unlessImpossible { try await cancelWhenGracefulShutdown { try await grpc.run() } }
            }
            group.addTask {
                try await self.unlessImpossible {
                    // Whoever finds the port finds both protocols.
                    try await grpc.listening()
                    try await self.server.run()
                }
            }
            try await group.waitForAll()
        }
    }

    private func unlessImpossible(_ serve: () async throws -> Void) async throws {
        do {
            try await serve()
        } catch {
            if Task.isCancelled || Task.isShuttingDownGracefully { return }
            logger.warning(
                "Questions about the control plane are not taken in this Pod",
                metadata: ["port": "\(settings.port)", "error": "\(error)"])
            try? await gracefulShutdown()
        }
    }

    private var server: HTTPEndpoints {
        endpoints.withLock { endpoints in
            if let endpoints { return endpoints }
            var limits = HTTPLimits()
            limits.connections = 16
            let door = ProtocolDoor.Settings(
                socketPath: settings.socketPath, lifetime: settings.patience + .seconds(30))
            let made = HTTPEndpoints(
                host: settings.host, port: settings.port, routes: routes, limits: limits,
                security: HTTPConnectionSecurity(
                    prepare: { try $0.pipeline.syncOperations.addHandler(ProtocolDoor(door)) },
                    isEncrypted: { _ in false }), logger: logger)
            endpoints = made
            return made
        }
    }

    private var routes: HTTPRoutes {
        var routes = HTTPRoutes()
        let route = HTTPRoute { [weak self] request in
            guard let self else { return .text("the agent ends\n", status: 503) }
            return await self.reply(to: request)
        }
        routes["/debug"] = route
        routes[below: "/debug/"] = route
        return routes
    }

    private func reply(to request: HTTPRequestView) async -> HTTPReply {
        let question = TapQuestion(request)
        do {
            let answer = try await self.answer(question)
            var body = Array(answer.shown.prettyJSONText.utf8)
            body.append(UInt8(ascii: "\n"))
            return HTTPReply(status: 200, contentType: "application/json", body: body)
        } catch let error as RPCError {
            return .text("the control plane does not answer: \(error.message)\n", status: error.code.httpStatus)
        } catch {
            return .text("the control plane cannot be asked: \(error)\n", status: 502)
        }
    }

    /// What the control plane says.
    ///
    /// - Throws: `RPCError` if too many ask, or the control plane refuses.
    func answer(_ question: TapQuestion) async throws -> Envoy_Service_Discovery_V3_DiscoveryResponse {
        let isTooMany = underWay.withLock { count in
            count += 1
            return count > settings.questions
        }
        defer { underWay.withLock { $0 -= 1 } }
        if isTooMany {
            throw RPCError(
                code: .resourceExhausted, message: "\(settings.questions) questions are under way: ask again later")
        }
        return try await self.question.answer(
            question.typeURL, names: question.names, until: .now + settings.patience)
    }
}

extension RPCError.Code {
    /// As HTTP says it.
    fileprivate var httpStatus: Int {
        switch self {
        case .invalidArgument: 400
        case .unauthenticated: 401
        case .permissionDenied: 403
        case .notFound: 404
        case .resourceExhausted: 429
        case .deadlineExceeded: 504
        default: 502
        }
    }
}
