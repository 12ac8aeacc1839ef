import AgentRuntime
import AgentTelemetry
import DNSProxy
import EnvoyBootstrap
import Glibc
import KubernetesModel
package import Logging
import NIOCore
import NIOPosix
package import Observability
package import ServiceLifecycle
import StatusServer
import WasmPlugins
import WorkloadCredentials
import XDSRelay

/// Everything that runs beside one Envoy.
///
/// The services start in this order, and end in the opposite one: Envoy first, while all that it needs is still there.
///
/// ```
///  certificates ─► secrets (SDS) ─► relay (xDS) ─► connections (ALS) ─► names (DNS) ─► status (15020) ─► Envoy
/// ```
package struct ProxyAgent: Sendable {
    private let configuration: AgentConfiguration
    private let registry: MetricsRegistry
    private let logger: Logger
    private let quit: @Sendable () -> Void

    /// - Parameter quit: Begins the graceful shutdown of the program.
    package init(
        _ configuration: AgentConfiguration, registry: MetricsRegistry, logger: Logger,
        quit: @escaping @Sendable () -> Void = { kill(getpid(), SIGTERM) }
    ) {
        self.configuration = configuration
        self.registry = registry
        self.logger = logger
        self.quit = quit
    }

    /// What a program with an agent sets up first: one event loop is enough for what an agent does.
    package static func prepareProcess() { NIOSingletons.groupLoopCountSuggestion = 1 }

    /// Writes what Envoy starts with and makes the services.
    ///
    /// - Throws: ``BootstrapFileError``.
    package func services() throws(BootstrapFileError) -> [any Service] {
        let certificates = WorkloadCertificates(configuration.certificateSettings, logger: logger)
        let secrets = SecretDiscovery(configuration.secretSettings, certificates: certificates, logger: logger)
        let names =
            configuration.answersNames
            ? NameTableStore(namespace: configuration.namespace, domain: configuration.clusterDomain) : nil
        let connections = configuration.connectionLogSocket.map {
            ConnectionLog(path: $0, bounds: configuration.requestBounds)
        }
        let modules = configuration.moduleSettings.map { ModuleCache($0, logger: logger) }
        let relay = DiscoveryRelay(
            configuration.relaySettings, names: names, connections: connections, certificates: certificates,
            plugins: modules.map { PluginPreparation($0, logger: logger) }, logger: logger)
        connections?.asks { [weak relay] in relay?.ask(forPeersAt: $0) ?? false }
        var services: [any Service] = [certificates, secrets, relay]
        if let modules { services.append(modules) }
        if let connections { services.append(connections) }
        if let tap = configuration.tapSettings {
            services.append(
                DebugTap(tap, relay: configuration.relaySettings, node: configuration.node, logger: logger))
        }
        services += tokenService
        if let names { services.append(NameServer(configuration.nameSettings, names: names, logger: logger)) }
        if let policy = configuration.variable(ApplicationWatch.variable) {
            services.append(ApplicationWatch(patience: .init(restartPolicy: policy), logger: logger, quit: quit))
        }
        if configuration.hasEnvoy {
            let administration = EnvoyAdministration(
                host: configuration.families.loopback, port: configuration.settings.adminPort)
            let supervisor = try supervisor(administration) {
                try await secrets.listening()
                try await relay.listening()
                try await connections?.listening()
            }
            services += statusServer(envoy: administration, names: names, connections, supervisor) {
                if supervisor.isDraining { return "the proxy drains" }
                return await administration.problem()
            }
            services += health(relay) { await administration.problem() }
            services.append(EnvoyService(supervisor: supervisor, quit: quit))
            // gRPC libraries of the application may take part in the mesh beside Envoy.
            if let path = configuration.variable("GRPC_XDS_BOOTSTRAP") {
                try configuration.writeGRPCBootstrap(to: path)
            }
        } else {
            try configuration.writeGRPCBootstrap(to: configuration.grpcBootstrapPath)
            services += health(relay) { nil }
            services += statusServer(envoy: nil, names: names, nil, nil) { [configuration] in
                configuration.proxylessProblem
            }
        }
        return services
    }

    /// Who exchanges tokens, where the agent is asked to.
    private var tokenService: [any Service] {
        do throws(TokenServiceProblem) {
            return try configuration.tokenServiceSettings.map { [TokenService($0, logger: logger)] } ?? []
        } catch {
            logger.error("Tokens are not exchanged in this Pod", metadata: ["why": "\(error)"])
            return []
        }
    }

    private func supervisor(
        _ administration: EnvoyAdministration, prepared: @escaping @Sendable () async throws -> Void
    ) throws(BootstrapFileError) -> EnvoySupervisor {
        let file = try configuration.writeBootstrap()
        let command: @Sendable (String) -> EnvoyCommand = { [configuration] path in
            configuration.envoyCommand(bootstrap: path, overlay: file.overlay)
        }
        var amended: (@Sendable () async throws -> EnvoyCommand)?
        if let discovery = configuration.bootstrapDiscovery(logger: logger) {
            amended = { try await discovery.command(own: file.path, command) }
        }
        return EnvoySupervisor(
            command(file.path), administration: administration, drain: configuration.drainPlan, logger: logger,
            prepared: prepared, amended: amended)
    }

    /// What tells the control plane how the workload is, where it is asked to: outside of Kubernetes.
    private func health(
        _ relay: DiscoveryRelay, proxyProblem: @escaping @Sendable () async -> String?
    ) -> [any Service] {
        guard let json = configuration.settings.fields["readinessProbe"] else { return [] }
        guard let probe = WorkloadProbe(json) else {
            logger.error(
                "ProxyConfig's readinessProbe is none of httpGet, tcpSocket, grpc and exec: nobody is told of the workload's health"
            )
            return []
        }
        return [
            HealthUpkeep(
                probe, at: configuration.probeTarget, environment: configuration.environment,
                proxyProblem: proxyProblem, logger: logger
            ) { [weak relay] in relay?.report($0) }
        ]
    }

    private func statusServer(
        envoy: EnvoyAdministration?, names: NameTableStore?, _ connections: ConnectionLog?,
        _ supervisor: EnvoySupervisor?,
        problem: @escaping @Sendable () async -> String?
    ) -> [any Service] {
        let port = configuration.settings.statusPort
        guard port > 0 else { return [] }
        let counts = StatusMetrics()
        let start = StartWatch(counts)
        var status = AgentStatus(
            problem: {
                let problem = await problem()
                if problem == nil { start.finish() }
                return problem
            },
            metrics: MergedMetrics(
                envoy: envoy, own: configuration.metricNames, connections: connections,
                application: configuration.variable("ISTIO_PROMETHEUS_ANNOTATIONS").map {
                    ScrapeTarget.all(parsing: $0, own: port)
                } ?? [], target: configuration.probeTarget, agent: registry, counts: counts, logger: logger),
            drain: { try await supervisor?.drain() }, quit: quit)
        if let probes = configuration.variable("ISTIO_KUBE_APP_PROBERS").map(AppProbes.init(parsing:)) {
            for problem in probes.problems { logger.error("\(problem)") }
            status.probes = probes
        }
        if let text = configuration.annotations[LeaderProbe.annotation] {
            status.leader = LeaderProbe(parsing: text)
            if status.leader == nil {
                logger.error(
                    "The annotation apus.dev/leader-probe is neither tcp:PORT:SEND:EXPECT nor http:PORT:PATH:EXPECT")
            }
        }
        if let names { status.names = { names.table.json } }
        let host = configuration.families == .ipv4 ? "0.0.0.0" : "::"
        return [HTTPEndpoints(host: host, port: port, routes: status.routes, logger: logger)]
    }
}

/// An Envoy whose end is the agent's end.
private struct EnvoyService: Service {
    let supervisor: EnvoySupervisor
    let quit: @Sendable () -> Void

    func run() async throws {
        try await supervisor.run()
        guard !Task.isShuttingDownGracefully else { return }
        quit()
        try await gracefulShutdown()
    }
}

extension ProxyAgent {
    /// What the agent's metrics mean, for the registry.
    package static var metricDescriptions: [(name: String, help: String, buckets: [Double]?)] {
        StatusMetrics.descriptions + CertificateMetrics.descriptions + SecretMetrics.descriptions
            + RelayMetrics.descriptions
            + NameMetrics.descriptions + ModuleMetrics.descriptions + ConnectionLogMetrics.descriptions
    }
}
