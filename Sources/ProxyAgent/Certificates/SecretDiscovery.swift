package import Logging
import ServiceLifecycle

/// Where the proxy asks for secrets.
package struct SecretDiscoverySettings: Hashable, Sendable {
    package var socketPath = "/var/run/secrets/workload-spiffe-uds/socket"
    /// Who may connect, as of files: the proxy runs as the agent's user.
    package var socketMode: UInt32 = 0o600
    /// How often files that proxies asked for are looked at.
    package var pollInterval: Duration = .seconds(1)

    /// Istio's defaults.
    package init() {}
}

/// Serves secrets to the proxy: its certificate, the mesh's roots, and files by name. Where another program does, it
/// rests.
package final class SecretDiscovery: Service {
    private let settings: SecretDiscoverySettings
    private let certificates: WorkloadCertificates
    private let store: SecretStore
    private let server: SocketServer

    /// A server that does not listen yet.
    package init(
        _ settings: SecretDiscoverySettings = SecretDiscoverySettings(), certificates: WorkloadCertificates,
        logger: Logger = Logger(label: "sds")
    ) {
        self.settings = settings
        self.certificates = certificates
        store = SecretStore(logger: logger)
        server = SocketServer(
            path: settings.socketPath, mode: settings.socketMode,
            services: [SecretService(store: store, logger: logger)])
    }

    /// Returns when the socket is there.
    package func listening() async throws {
        if certificates.source == .externalSocket { return }
        try await server.listening()
    }

    /// Serves until the service ends.
    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            if self.certificates.source == .externalSocket {
                // Until cancelled.
                while (try? await Task.sleep(for: .seconds(86_400))) != nil {}
                return
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { for await identity in self.certificates.updates() { self.store.put(identity) } }
                group.addTask {
                    while (try? await Task.sleep(for: self.settings.pollInterval)) != nil { self.store.readFiles() }
                }
                group.addTask { try await self.server.run() }
                try await group.waitForAll()
            }
        }
    }
}
