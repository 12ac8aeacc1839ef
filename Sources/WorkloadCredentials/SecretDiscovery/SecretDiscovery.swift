import AgentRuntime
package import Logging
import ServiceLifecycle

/// Where the proxy asks for secrets.
package struct SecretDiscoverySettings: Hashable, Sendable {
    /// Where the certificate and the roots are asked for.
    package var socketPath = "/var/run/secrets/workload-spiffe-uds/socket"
    /// Where certificates in files are asked for while another program listens on the other socket.
    package var fileSocketPath = "/var/run/secrets/credential-uds/files-socket"
    /// Who may connect, as of files: the proxy runs as the agent's user.
    package var socketMode: UInt32 = 0o600
    /// How often files that proxies asked for are looked at.
    package var pollInterval: Duration = .seconds(1)

    /// Istio's defaults.
    package init() {}
}

/// Serves secrets to the proxy: its certificate, the mesh's roots, and files by name. Where another program serves the
/// certificate and the roots, files alone, by a socket of their own.
package final class SecretDiscovery: Service {
    private let settings: SecretDiscoverySettings
    private let certificates: WorkloadCertificates
    private let store: SecretStore
    private let server: SocketServer
    private let servesFilesAlone: Bool
    private let logger: Logger

    /// A server that does not listen yet.
    package init(
        _ settings: SecretDiscoverySettings = SecretDiscoverySettings(), certificates: WorkloadCertificates,
        logger: Logger = Logger(label: "sds"), metrics: SecretMetrics = SecretMetrics()
    ) {
        self.settings = settings
        self.certificates = certificates
        self.logger = logger
        servesFilesAlone = certificates.source == .externalSocket
        store = SecretStore(logger: logger, failed: certificates.metrics.fileFailed)
        server = SocketServer(
            path: servesFilesAlone ? settings.fileSocketPath : settings.socketPath, mode: settings.socketMode,
            services: [SecretService(store: store, metrics: metrics, logger: logger)])
    }

    /// Returns when the socket is there; where it serves files alone, also when it cannot be.
    package func listening() async throws {
        do {
            try await server.listening()
        } catch {
            guard servesFilesAlone else { throw error }
        }
    }

    /// Serves until the service ends.
    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { for await identity in self.certificates.updates() { self.store.put(identity) } }
                group.addTask {
                    while (try? await Task.sleep(for: self.settings.pollInterval)) != nil { self.store.readFiles() }
                }
                group.addTask { try await self.serve() }
                try await group.waitForAll()
            }
        }
    }

    private func serve() async throws {
        do {
            if servesFilesAlone, let slash = settings.fileSocketPath.lastIndex(of: "/") {
                Files.makeFolder(String(settings.fileSocketPath[..<slash]))
            }
            try await server.run()
        } catch {
            guard servesFilesAlone else { throw error }
            logger.warning(
                "Certificates in files are not served: mount a volume there that the proxy's user can write",
                metadata: ["socket": "\(settings.fileSocketPath)", "error": "\(error)"])
        }
    }
}
