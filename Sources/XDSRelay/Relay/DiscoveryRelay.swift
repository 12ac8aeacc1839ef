import AgentRuntime
package import AgentTelemetry
import CertificateAuthority
package import DNSProxy
import DiscoveryAPI
import EnvoyAPI
import GRPCCore
package import Logging
import Metrics
import ServiceLifecycle
import SwiftProtobuf
import Synchronization
package import WorkloadCredentials
import XDSServer

/// Brings the control plane's configuration to the proxy beside the agent, over a Unix socket.
///
/// The proxy's stream stays while the control plane is away, and a proxy that starts meanwhile is told what the last one
/// had. See ``RelayStream``.
package final class DiscoveryRelay: Service {
    private struct State {
        var status = RelayStatus()
        var kept = KeptResources()
        var sessions: [(number: Int, session: RelaySession)] = []
        var next = 0
        var health: WorkloadHealth?
    }

    let settings: DiscoveryRelaySettings
    let metrics: RelayMetrics
    let logger: Logger
    /// Nil: the proxy fetches what its plug-ins need itself.
    let plugins: PluginPreparation?
    private let names: NameTableStore?
    private let connections: ConnectionLog?
    private let certificates: WorkloadCertificates?
    private let state = Mutex(State())
    private let server: Mutex<SocketServer?> = Mutex(nil)

    /// A relay that does not listen yet.
    ///
    /// - Parameters:
    ///   - names: Where the names go that the control plane tells the agent; nil: nowhere.
    ///   - connections: Who asks the control plane for peers; nil: nobody.
    ///   - certificates: Where the roots go that the control plane tells the agent; nil: nowhere.
    ///   - plugins: Fetches the modules of plug-ins; nil: the proxy does.
    package init(
        _ settings: DiscoveryRelaySettings, names: NameTableStore? = nil, connections: ConnectionLog? = nil,
        certificates: WorkloadCertificates? = nil,
        plugins: PluginPreparation? = nil, logger: Logger = Logger(label: "xdsproxy"),
        metrics: RelayMetrics = RelayMetrics()
    ) {
        self.settings = settings
        self.names = names
        self.connections = connections
        self.certificates = certificates
        self.plugins = plugins
        self.logger = logger
        self.metrics = metrics
    }

    /// What has become of it.
    package var status: RelayStatus { state.withLock { $0.status } }

    /// Returns when the socket is there.
    package func listening() async throws { try await socketServer.listening() }

    /// Serves until the service ends.
    package func run() async throws {
        try await cancelWhenGracefulShutdown { try await self.socketServer.run() }
    }

    private var socketServer: SocketServer {
        server.withLock { server in
            if let server { return server }
            let made = SocketServer(
                path: settings.socketPath, mode: settings.socketMode, services: [RelayService(relay: self)])
            server = made
            return made
        }
    }

    // MARK: - What sessions tell

    /// Serves one stream of a proxy.
    fileprivate func serve(_ variant: ProtocolVariant, _ body: (RelaySession) async throws -> Void) async throws {
        let (number, session) = begin(variant)
        do {
            try await body(session)
            end(number, session, nil)
        } catch {
            end(number, session, error)
            throw error
        }
    }

    private func begin(_ variant: ProtocolVariant) -> (Int, RelaySession) {
        let (latest, kept, number, health) = state.withLock { state in
            state.next += 1
            return (state.sessions.last?.session, state.kept, state.next, state.health)
        }
        let session = RelaySession(self, variant, health: health, previous: latest?.kept ?? kept)
        let changed = state.withLock { state in
            state.sessions.append((number, session))
            state.status.proxies = state.sessions.count
            return state.health == health ? nil : state.health
        }
        if let changed { session.report(changed) }
        return (number, session)
    }

    private func end(_ number: Int, _ session: RelaySession, _ error: (any Error)?) {
        let kept = session.kept
        let limited = kept.limited(to: settings.keptBytes)
        if limited.types.isEmpty, !kept.types.isEmpty {
            logger.warning(
                "The configuration is too large to be kept for the time without a control plane",
                metadata: ["bytes": "\(kept.bytes)", "limit": "\(settings.keptBytes)"])
        }
        state.withLock { state in
            state.kept = limited
            state.sessions.removeAll { $0.number == number }
            state.status.proxies = state.sessions.count
        }
        metrics.proxyEnded(RelayMetrics.End(error))
    }

    func connected() {
        state.withLock {
            $0.status.connected += 1
            $0.status.connections += 1
        }
        logger.info("Connected to the control plane", metadata: ["address": "\(settings.address)"])
    }

    func disconnected() { state.withLock { $0.status.connected -= 1 } }

    func lost(_ error: (any Error)?, wasGood: Bool, retryIn delay: Duration) {
        let reason = error.map { "\($0)" } ?? "the control plane ended the stream"
        state.withLock { $0.status.lastError = reason }
        if wasGood {
            metrics.connectionEnded(RelayMetrics.End(error))
        } else {
            metrics.connectionFailures.increment()
        }
        logger.log(
            level: wasGood ? .info : .warning, "No connection to the control plane, the last configuration stays",
            metadata: ["address": "\(settings.address)", "error": "\(reason)", "retry in": "\(delay)"])
    }

    /// Tells the control plane how the workload is, now and after each reconnect.
    package func report(_ health: WorkloadHealth) {
        let sessions = state.withLock { state in
            state.health = health
            return state.sessions
        }
        for (_, session) in sessions { session.report(health) }
    }

    /// Asks the control plane who is at some addresses. False: there is none that would answer.
    package func ask(forPeersAt addresses: [String]) -> Bool {
        guard let session = state.withLock({ $0.sessions.last?.session }) else { return false }
        return session.ask(.workloadAddress, names: addresses.map { "\(settings.network)/\($0)" })
    }

    /// The agent's own resources have come.
    ///
    /// - Parameter isWhole: They are all that there are, not changes.
    func take(_ response: RelayResponse, isWhole: Bool) {
        if response.typeURL == .workloadAddress {
            connections?.take(PeerAnswers(response.resources, removed: response.removed))
            return
        }
        if response.typeURL == .proxyConfig {
            if let certificates { takeRoots(response, isWhole: isWhole, certificates) }
            return
        }
        guard response.typeURL == .nameTable, let names else { return }
        for resource in response.resources {
            do {
                let table = try Istio_Networking_Nds_V1_NameTable(serializedBytes: resource.resource.value)
                names.put(table)
            } catch {
                logger.warning("The names for DNS cannot be read", metadata: ["error": "\(error)"])
            }
        }
    }
}

extension DiscoveryRelay {
    /// The roots that a response tells of; what of them cannot be read is left out, and told.
    private func takeRoots(_ response: RelayResponse, isWhole: Bool, _ certificates: WorkloadCertificates) {
        // Of changes alone, none says that all stays.
        if !isWhole, response.names.isEmpty { return }
        var roots = TrustBundle([])
        for resource in response.resources {
            let settings: Istio_Mesh_V1alpha1_ProxyConfig
            do {
                settings = try Istio_Mesh_V1alpha1_ProxyConfig(serializedBytes: resource.resource.value)
            } catch {
                logger.warning(
                    "What the control plane tells of roots cannot be read: those that it told of before count",
                    metadata: ["error": "\(error)"])
                return
            }
            for text in settings.caCertificatesPem {
                do {
                    roots = roots.merged(with: try TrustBundle(parsing: text))
                } catch {
                    logger.warning(
                        "A root of MeshConfig's caCertificates cannot be read: the others count",
                        metadata: ["error": "\(error)"])
                }
            }
        }
        certificates.setToldRoots(roots)
    }
}

/// ADS on the proxy's socket.
private struct RelayService: Envoy_Service_Discovery_V3_AggregatedDiscoveryService.SimpleServiceProtocol {
    unowned let relay: DiscoveryRelay

    func streamAggregatedResources(
        request: RPCAsyncSequence<Envoy_Service_Discovery_V3_DiscoveryRequest, any Error>,
        response: RPCWriter<Envoy_Service_Discovery_V3_DiscoveryResponse>, context: ServerContext
    ) async throws {
        try await relay.serve(.stateOfTheWorld) { try await $0.run(WholeWire.self, request, response) }
    }

    func deltaAggregatedResources(
        request: RPCAsyncSequence<Envoy_Service_Discovery_V3_DeltaDiscoveryRequest, any Error>,
        response: RPCWriter<Envoy_Service_Discovery_V3_DeltaDiscoveryResponse>, context: ServerContext
    ) async throws {
        try await relay.serve(.delta) { try await $0.run(DeltaWire.self, request, response) }
    }
}
