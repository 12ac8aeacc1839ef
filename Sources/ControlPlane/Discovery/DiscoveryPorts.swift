import CertificateAuthority
import DiscoveryServer
import GRPCNIOTransportHTTP2Posix
import Logging
import Observability
import ServiceLifecycle

/// The ports on which a replica serves xDS: in plain text, and over TLS.
struct DiscoveryPorts: Sendable {
    private let service: AggregatedDiscoveryService
    private let plain: DiscoveryServer?
    private let secureAddress: ListenAddress?
    private let logger: Logger

    init(_ configuration: ControlPlaneConfiguration, discovery: MeshDiscovery, logger: Logger) {
        let service = AggregatedDiscoveryService(
            source: AuthorizedSource(discovery, logger: logger), controlPlane: configuration.identity,
            limits: configuration.limits, logger: logger)
        self.service = service
        plain = configuration.plainAddress.map {
            DiscoveryServer(service, address: $0.socketAddress, logger: logger)
        }
        secureAddress = configuration.secureAddress
        self.logger = logger
    }

    var streams: DiscoveryStreams { service.streams }

    /// The port that is listened on, once it is.
    var plainPort: Int? { get async { try? await plain?.boundPort } }

    /// Serves until clients have been handed over to others after a graceful shutdown.
    ///
    /// - Parameter onListening: All ports are listened on.
    func run(root: CAMaterial, onListening: @escaping @Sendable () -> Void) async throws {
        let servers = [plain].compactMap(\.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for server in servers { group.addTask { try await server.run() } }
            // A port that cannot be served ends the others.
            defer { group.cancelAll() }
            var isListening = true
            for server in servers where (try? await server.boundPort) == nil { isListening = false }
            if isListening { onListening() }
            if servers.isEmpty { try? await gracefulShutdown() }
            try await group.waitForAll()
        }
    }
}

extension ListenAddress {
    var socketAddress: GRPCNIOTransportHTTP2Posix.SocketAddress {
        host.contains(":") ? .ipv6(host: host, port: port) : .ipv4(host: host, port: port)
    }
}
