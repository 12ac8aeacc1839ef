import CertificateAuthority
import DiscoveryServer
import EnvoyAPI
import EnvoyTesting
import Foundation
import GRPCNIOTransportHTTP2Posix
import NIOSSL
import ServiceLifecycle
import Testing
import XDSServer

@testable import WorkloadCredentials
@testable import XDSRelay

/// A real Envoy with certificates and configuration from an agent, a control plane and an authority, all over TLS.
@Suite(.serialized, .enabled(if: EnvoyProgram.path != nil, Comment(rawValue: EnvoyProgram.absence)))
struct AgentEndToEndTests {
    @Test(arguments: [Envoy_Config_Core_V3_ApiConfigSource.ApiType.deltaGrpc, .grpc])
    func callsGoOverMutualTLS(_ kind: Envoy_Config_Core_V3_ApiConfigSource.ApiType) async throws {
        try await withAgent { agent in
            let proxy = try ProxyProcess(kind, xds: agent.xds, sds: agent.sds)
            defer { proxy.end() }
            try await told(proxy) {
                try await soon("a call arrives") { agent.answer(of: proxy) == "hello" }
                #expect(proxy.statistic("listener.*server.ssl.handshake") ?? 0 > 0)
                #expect(agent.relay.status.isConnected)

                // The socket is for nobody else.
                for path in [agent.xds, agent.sds] {
                    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
                    #expect(mode as? Int == 0o600)
                }
            }
        }
    }

    /// The control plane goes and comes back; then the proxy dies while it is away.
    @Test(arguments: [Envoy_Config_Core_V3_ApiConfigSource.ApiType.deltaGrpc, .grpc])
    func theLastGoodConfigurationStays(_ kind: Envoy_Config_Core_V3_ApiConfigSource.ApiType) async throws {
        try await withAgent { agent in
            let first = try ProxyProcess(kind, xds: agent.xds, sds: agent.sds)
            defer { first.end() }
            try await told(first) {
                try await soon("a call arrives") { agent.answer(of: first) == "hello" }
                try await soon("all is acknowledged") { agent.isSynced }
                await agent.stopControlPlane()
                try await soon("it is gone") { !agent.relay.status.isConnected }
                #expect(agent.answer(of: first) == "hello")
                #expect(agent.relay.status.proxies == 1)
            }
            first.end()
            try await soon("its stream ended") { agent.relay.status.proxies == 0 }
            let second = try ProxyProcess(kind, xds: agent.xds, sds: agent.sds)
            defer { second.end() }
            try await told(second) {
                try await soon("a call arrives without a control plane") { agent.answer(of: second) == "hello" }
                #expect(!agent.relay.status.isConnected)
                try agent.change(answer: "back")
                try await agent.startControlPlane()
                try await soon("the control plane's news arrive") { agent.answer(of: second) == "back" }
                #expect(second.statistic("control_plane.connected_state") == 1)
                #expect(second.statistic("cluster_manager.cds.update_rejected") == 0)
            }
        }
    }

    /// Certificates of seconds under a real Envoy, every request on a connection of its own: none fails.
    @Test func certificatesAreReplacedUnderLoad() async throws {
        try await withAgent(lifetime: .seconds(8)) { agent in
            let proxy = try ProxyProcess(.deltaGrpc, xds: agent.xds, sds: agent.sds)
            defer { proxy.end() }
            try await told(proxy) {
                try await soon("a call arrives") { agent.answer(of: proxy) == "hello" }
                let port = try #require(proxy.port(of: "client"))
                var certificates: Set<String> = []
                var calls = 0
                while certificates.count < 4 {
                    let answer = try Programs.curl(["http://127.0.0.1:\(port)/"])
                    guard answer.output.hasSuffix("hello") else { throw NotSo("call \(calls): \(answer)") }
                    calls += 1
                    if let current = agent.certificates.current { certificates.insert(current.chainPEM) }
                }
                #expect(calls > 20)
                #expect(proxy.statistic("listener.*server.ssl.fail_verify_error") == 0)
            }
        }
    }

    private func told(_ proxy: ProxyProcess, _ body: () async throws -> Void) async throws {
        do { try await body() } catch { throw NotSo("\(error)\n\(proxy.log.suffix(4000))") }
    }
}

/// An agent's services, and a control plane that comes and goes.
final class AgentFixture {
    let folder: TestFolder
    let relay: DiscoveryRelay
    let certificates: WorkloadCertificates
    let xds: String
    let sds: String
    private let material: CAMaterial
    private let source: StaticSource
    private let port: Int
    private var group: ServiceGroup?
    private var running: Task<Void, Never>?
    private var streams: DiscoveryStreams?

    init(
        _ folder: TestFolder, _ material: CAMaterial, _ source: StaticSource, port: Int, relay: DiscoveryRelay,
        certificates: WorkloadCertificates
    ) {
        self.folder = folder
        self.material = material
        self.source = source
        self.port = port
        self.relay = relay
        self.certificates = certificates
        xds = relay.settings.socketPath
        sds = certificates.settings.socketPath
    }

    /// What the proxy's client listener is answered; nil while there is none.
    func answer(of proxy: ProxyProcess) -> String? {
        guard let port = proxy.port(of: "client"),
            let answer = try? Programs.curl(["http://127.0.0.1:\(port)/"]), answer.status == 0
        else { return nil }
        return answer.output.contains(" 200 ")
            ? answer.output.split(whereSeparator: \.isNewline).last.map(String.init) : nil
    }

    func change(answer: String) throws {
        try source.update { try $0.apply(.listener, updates: [MutualTLSMesh.server("\(folder.path)/server", answer)]) }
    }

    /// The proxy has acknowledged everything.
    var isSynced: Bool {
        let types = streams?.connections().first?.status.types.filter { $0.typeURL != .nameTable } ?? []
        return types.count == 3 && types.allSatisfy { $0.state == .synced }
    }

    func startControlPlane() async throws {
        let identity = try material.serverCertificate(
            names: [TestAuthorityServer.name], lifetime: .seconds(3600), now: .now)
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(identity.certificateChainPEM.utf8))
                .map { .certificate($0) },
            privateKey: .privateKey(
                try NIOSSLPrivateKey(bytes: Array(identity.privateKey.revealed.utf8), format: .pem)))
        tls.applicationProtocols = ["h2"]
        var limits = DiscoveryLimits()
        limits.stream.drainTimeout = .milliseconds(100)
        let service = AggregatedDiscoveryService(source: source, limits: limits, logger: quiet)
        let server = DiscoveryServer(
            service, address: .ipv4(host: "127.0.0.1", port: port), security: .tls(try FixedTLSContext(tls)),
            logger: quiet)
        let group = ServiceGroup(services: [server], logger: quiet)
        streams = service.streams
        self.group = group
        running = Task { try? await group.run() }
        _ = try await server.boundPort
    }

    func stopControlPlane() async {
        await group?.triggerGracefulShutdown()
        await running?.value
        running = nil
    }
}

/// Runs an agent, an authority and a control plane for the time of `body`.
private func withAgent(
    lifetime: Duration = .seconds(3600), _ body: (AgentFixture) async throws -> Void
) async throws {
    try await withFolder { folder in
        let authority = try AuthorityFixture(folder, lifetime: lifetime)
        try await withRunning([authority.server]) {
            let certificates = WorkloadCertificates(try await authority.settings(), logger: quiet)
            var sds = SecretDiscoverySettings()
            sds.socketPath = certificates.settings.socketPath
            let secrets = SecretDiscovery(sds, certificates: certificates, logger: quiet)
            let port = try await unusedPort()
            var settings = DiscoveryRelaySettings(address: "127.0.0.1:\(port)")
            settings.security = .tls(serverName: TestAuthorityServer.name, rootFile: "\(folder.path)/root-cert.pem")
            settings.tokenFile = "\(folder.path)/token"
            settings.socketPath = "\(folder.path)/xds"
            let relay = DiscoveryRelay(settings, logger: quiet)
            let source = StaticSource(try MutualTLSMesh.resources(socket: "\(folder.path)/server"))
            let agent = AgentFixture(
                folder, authority.material, source, port: port, relay: relay, certificates: certificates)
            try await agent.startControlPlane()
            try await withRunning([certificates, secrets, relay]) {
                try await secrets.listening()
                try await relay.listening()
                do {
                    try await body(agent)
                } catch {
                    await agent.stopControlPlane()
                    throw NotSo("\(error)\nrelay: \(relay.status)")
                }
            }
            await agent.stopControlPlane()
        }
    }
}
