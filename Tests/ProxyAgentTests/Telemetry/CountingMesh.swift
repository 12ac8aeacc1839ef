import DiscoveryAPI
import DiscoveryServer
import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import Foundation
import GRPCNIOTransportHTTP2Posix
import KubernetesModel
import MeshModel
import NIOCore
import NIOPosix
import ServiceLifecycle
import SwiftProtobuf
import XDSServer

@testable import WorkloadCredentials

/// Two agents with real Envoys, a client's and a server's, that a control plane of these tests gives what the translator
/// makes for them. The server's application echoes on one port, and answers requests and calls of gRPC on two others.
struct CountingMesh: Sendable {
    let client: AgentProcess
    let server: AgentProcess
    /// Where the client's application calls the service, and where the server's proxy takes calls.
    let service: (host: String, port: Int)
    let proxy: (host: String, port: Int)
    /// The same of requests.
    let webService: (host: String, port: Int)
    let webProxy: (host: String, port: Int)
    /// The same of calls of gRPC.
    let callService: (host: String, port: Int)
    let callProxy: (host: String, port: Int)
    let clientPort: Int

    private static let serverAddress = "127.67.0.2"

    /// Runs it for the time of `body`.
    ///
    /// - Parameter usesDelta: The proxies ask for changes, and not for everything.
    static func run(usesDelta: Bool = true, _ body: @Sendable (CountingMesh) async throws -> Void) async throws {
        var ports: [Int] = []
        for _ in 0..<11 { ports.append(try await freePort()) }
        let applications = [
            try await CountedApplications.echo(on: ports[1]), try await CountedApplications.web(on: ports[8]),
        ]
        let source = MeshSource(ports: ports, serverAddress: serverAddress)
        let service = AggregatedDiscoveryService(
            source: source, questions: WorkloadNames(), controlPlane: "test", logger: silentLogger)
        let discovery = DiscoveryServer(
            service, address: .ipv4(host: "127.0.0.1", port: 0), security: .plaintext, authenticator: AnyPeer(),
            logger: silentLogger)
        let authority = try TestAuthority()
        try await withServices([discovery, CallServer(port: ports[10])]) { [ports] in
            guard let port = try await discovery.boundPort else { throw AgentTestFailure("no port") }
            func agent(_ name: String, at address: String) async throws -> AgentProcess {
                let identity = try authority.workload(["spiffe://cluster.local/ns/default/sa/\(name)"])
                let folder = "var/run/secrets/workload-spiffe-credentials"
                return try await AgentProcess(
                    controlPlane: port, settings: ["terminationDrainDuration": "\"1s\""],
                    environment: [
                        "POD_NAME": "\(name)-1", "POD_NAMESPACE": "default", "SERVICE_ACCOUNT": name,
                        "INSTANCE_IP": address, "ISTIO_META_WORKLOAD_NAME": "\(name)-v1",
                        "ISTIO_DELTA_XDS": "\(usesDelta)",
                    ],
                    files: [
                        "\(folder)/cert-chain.pem": identity.certificate + identity.root,
                        "\(folder)/key.pem": identity.privateKey, "\(folder)/root-cert.pem": identity.root,
                    ])
            }
            let client = try await agent("client", at: "127.67.0.1")
            defer { client.end() }
            let server = try await agent("server", at: serverAddress)
            defer { server.end() }
            do {
                try await until("both are ready", within: .seconds(90)) {
                    guard await client.isReady() else { return false }
                    return await server.isReady()
                }
                try await body(
                    CountingMesh(
                        client: client, server: server, service: ("127.67.1.1", ports[0]),
                        proxy: (serverAddress, ports[1]), webService: ("127.0.0.1", ports[7]),
                        webProxy: (serverAddress, ports[8]), callService: ("127.0.0.1", ports[9]),
                        callProxy: (serverAddress, ports[10]), clientPort: ports[6]))
            } catch {
                throw AgentTestFailure("\(error)\nclient:\n\(client.log)\nserver:\n\(server.log)")
            }
        }
        for application in applications { try await application.close() }
    }

    /// A connection of an application.
    static func connect(
        _ target: (host: String, port: Int), from host: String = "127.0.0.1"
    ) async throws -> any Channel {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(to: try SocketAddress(ipAddress: host, port: 0))
            .connect(host: target.host, port: target.port).get()
    }

    /// What is counted under a name, of series with some labels.
    static func value(_ name: String, _ labels: [String: String], of agent: AgentProcess) async throws -> Double {
        try await agent.ask("/stats/prometheus").body.split(separator: "\n").filter { line in
            (line.hasPrefix("\(name){") || line.hasPrefix("\(name) "))
                && labels.allSatisfy { line.contains("\($0.key)=\"\($0.value)\"") }
        }.reduce(0) { $0 + ($1.split(separator: " ").last.flatMap { Double($0) } ?? 0) }
    }
}

/// Gives each proxy what the translator makes for it.
private struct MeshSource: SnapshotSource {
    let ports: [Int]
    let serverAddress: String

    func subscribe(_ client: DiscoveryClient) async throws -> SnapshotSubscription {
        let proxy = try Proxy(
            ProxyNode(
                id: client.node.id, cluster: client.node.cluster,
                metadata: try JSONValue(parsing: client.node.metadata), locality: .unknown, userAgent: "envoy",
                version: nil))
        let isServer = proxy.addresses.first == serverAddress
        var snapshot = mesh
        snapshot.settings.outboundPort = ports[isServer ? 2 : 3]
        snapshot.settings.inboundPort = ports[isServer ? 4 : 5]
        var resources = try xdsResources(for: proxy, view: snapshot.view(of: proxy), in: snapshot)
        let listeners = Envoy_Config_Listener_V3_Listener.typeURL
        for index in (resources[listeners] ?? []).indices {
            guard var listener = resources[listeners]?[index].message as? Envoy_Config_Listener_V3_Listener else {
                continue
            }
            // Nothing is captured here: what would be led to a proxy is sent to it.
            if listener.name == "virtualInbound" {
                if isServer { listener.address.socketAddress.address = serverAddress }
                if isServer { listener.address.socketAddress.portValue = UInt32(ports[1]) }
                if isServer {
                    let address = listener.address
                    listener.additionalAddresses = [ports[8], ports[10]].map { port in
                        .with {
                            $0.address = address
                            $0.address.socketAddress.portValue = UInt32(port)
                        }
                    }
                }
            } else {
                listener.bindToPort.value = !isServer
            }
            resources[listeners]?[index].message = listener
        }
        var cache = ResourceCache()
        for (type, all) in resources {
            cache.replace(
                TypeURL(rawValue: type),
                with: try all.map { Resource(name: $0.name, body: try $0.message.serializedBytes()) })
        }
        return SnapshotSubscription(current: cache, updates: AsyncStream { _ in })
    }

    private var mesh: MeshSnapshot {
        var snapshot = MeshSnapshot()
        snapshot.settings.inboundPolicy = .localhost
        snapshot.settings.defaultProviders.metrics = ["prometheus"]
        let name = ObjectKey(namespace: "istio-system", name: "often")
        snapshot.configuration.telemetries[name] = Telemetry(
            origin: .init(.init(GroupKind(group: "telemetry.istio.io", kind: "Telemetry"), name)),
            metrics: [MetricsRule(reportingInterval: .seconds(1))])
        for (address, name, kind, number, target) in [
            ("127.67.1.1", "echo", MeshProtocol.tcp, ports[0], ports[1]),
            ("127.67.1.2", "web", .http, ports[7], ports[8]),
            ("127.67.1.3", "calls", .grpc, ports[9], ports[10]),
        ] {
            let port = ServicePort(name: name, number: number, meshProtocol: kind, target: .number(target))
            let service = MeshService(
                name: name, namespace: "default", hostname: "\(name).default.svc.cluster.local",
                addresses: [address], resolution: .endpoints, ports: [port])
            snapshot.services[service.key] = service
            var endpoint = Endpoint(address: serverAddress, port: target, labels: ["app": "server"])
            endpoint.identity = WorkloadIdentity(namespace: "default", serviceAccount: "server")
            endpoint.isMutualTLS = true
            endpoint.workloadName = "server-v1"
            endpoint.clusterID = "Kubernetes"
            snapshot.endpoints[EndpointKey(service: service.key, portName: port.name)] = EndpointSet([endpoint])
        }
        return snapshot
    }
}

/// Knows who is at two addresses.
private struct WorkloadNames: QuestionAnswering {
    func answers(_ typeURL: TypeURL) -> Bool { typeURL == .workloadAddress }

    func answer(_ question: DiscoveryQuestion) throws -> DiscoveryAnswer {
        let known = ["/127.0.0.1": "client", "/127.67.0.9": "legacy"]
        return DiscoveryAnswer(
            try question.names.map { name in
                let message = Istio_Workload_Address.with { message in
                    guard let known = known[name] else { return }
                    message.workload = .with {
                        $0.namespace = "default"
                        $0.addresses = [Data(name.dropFirst().split(separator: ".").compactMap { UInt8($0) })]
                        $0.workloadName = "\(known)-v1"
                        $0.serviceAccount = known
                        $0.canonicalName = known
                        $0.clusterID = "Kubernetes"
                    }
                }
                return Resource(name: name, body: try message.serializedBytes())
            })
    }
}
