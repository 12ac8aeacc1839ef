import Authentication
import CertificateAuthority
import DebugPages
import DiscoveryServer
import GRPCNIOTransportHTTP2Posix
import Logging
import MeshDiscovery
import Observability
import ServiceLifecycle
import Synchronization

/// The ports on which a replica serves xDS: in plain text to whoever comes, and over TLS to whom it knows.
final class DiscoveryPorts: Sendable {
    private let service: AggregatedDiscoveryService
    private let plain: DiscoveryServer?
    private let secureAddress: ListenAddress?
    /// Once there is a root to serve with.
    private let secure = Mutex<DiscoveryServer?>(nil)
    private let logger: Logger

    init(
        _ configuration: ControlPlaneConfiguration, source: any SnapshotSource, attendant: any ProxyAttending,
        debugging: ControlPlaneDebugging, workloads: WorkloadQuestions, logger: Logger
    ) {
        let service = AggregatedDiscoveryService(
            source: AuthorizedSource(source, logger: logger),
            questions: QuestionGroup([DebugQuestions(debugging, site: configuration.site), workloads]),
            attendant: attendant,
            controlPlane: controlPlaneIdentifier(configuration.identity), limits: configuration.limits, logger: logger)
        self.service = service
        plain = configuration.plainAddress.map {
            DiscoveryServer(service, address: $0.socketAddress, logger: logger)
        }
        secureAddress = configuration.secureAddress
        self.logger = logger
    }

    var streams: DiscoveryStreams { service.streams }

    /// The port of plain text, once it is listened on.
    var plainPort: Int? { get async { try? await plain?.boundPort } }

    /// The port of TLS, once it is listened on; nil as long as there is no root.
    var securePort: Int? { get async { try? await secure.withLock { $0 }?.boundPort } }

    /// Serves until clients have been handed over to others after a graceful shutdown.
    ///
    /// - Parameters:
    ///   - security: Of the port of TLS.
    ///   - onListening: All ports are listened on.
    func run(_ security: MeshSecurity, onListening: @escaping @Sendable () -> Void) async throws {
        let secure = secureAddress.map {
            DiscoveryServer(
                service, address: $0.socketAddress, security: .tls(security.certificate.discovery),
                authenticator: security.authenticator, companions: [security.certificates], logger: logger)
        }
        self.secure.withLock { $0 = secure }
        let servers = [plain, secure].compactMap(\.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for server in servers { group.addTask { try await server.run() } }
            group.addTask { try await security.certificate.run() }
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
