import Authentication
import ControlPlane
import DiscoveryServer
import EnvoyAPI
import EnvoyTesting
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import KubernetesModel
import MeshDiscovery
import MeshModel
import MeshTranslator
import SecretDiscovery
import ServiceLifecycle
import SwiftProtobuf
import Testing
import XDSServer

/// A real Envoy that gets a gateway's listeners and certificates by one stream.
@Suite(
    "A gateway's stream", .serialized, .timeLimit(.minutes(10)),
    .enabled(if: EnvoyProgram.path != nil && Programs.arePresent, "\(EnvoyProgram.absence); curl and openssl"))
struct GatewayStreamTests {
    private typealias Kind = Envoy_Config_Core_V3_ApiConfigSource.ApiType

    @Test("Certificates come by delta, are replaced while it serves, and one that is missing holds nothing up for ever")
    func delta() async throws { try await serves(.deltaGrpc) }

    @Test("And by the state-of-the-world protocol")
    func stateOfTheWorld() async throws { try await serves(.grpc) }

    private func serves(_ kind: Kind) async throws {
        let port = try freePort()
        let secrets = FakeSecrets()
        let discovery = MeshDiscovery(settings: MeshSettings(), logger: silent)
        await discovery.apply(try changes(port), since: .now)
        let source = CredentialSource(
            discovery, naming: discovery, places: OnePlace(secrets, authorizer: FakeSecretAuthorizer()), logger: silent)
        let service = AggregatedDiscoveryService(source: AuthorizedSource(source, logger: silent), logger: silent)
        let server = DiscoveryServer(
            service, address: .ipv4(host: "127.0.0.1", port: 0), authenticator: OneGateway(), logger: silent)
        let first = try TestAuthority()
        try secrets.put("a", in: "istio-system", first.server(["a.test"]))

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            defer { group.cancelAll() }
            let envoy = try GatewayEnvoy(kind, port: try #require(try await server.boundPort))
            defer { envoy.end() }

            try await eventually("a.test is served") { try envoy.get("a.test", port, first).status == 0 }
            #expect(try envoy.get("a.test", port, first).output.contains("hello"))
            // Another certificate in the Secret is the one that is shown.
            let second = try TestAuthority()
            try secrets.put("a", in: "istio-system", second.server(["a.test"]))
            try await eventually("a.test shows the new one") { try envoy.get("a.test", port, second).status == 0 }
            #expect(try envoy.get("a.test", port, first).status != 0)

            // A server is added whose Secret is not there: the listener stays as it was, until the Secret comes.
            await discovery.apply(try changes(port, hosts: ["a.test", "late.test"]), since: .now)
            try await eventually("the missing one is told") { await source.problems.map(\.credential.name) == ["late"] }
            #expect(try envoy.get("a.test", port, second).status == 0)
            try secrets.put("late", in: "istio-system", second.server(["late.test"]))
            try await eventually("late.test is served") { try envoy.get("late.test", port, second).status == 0 }
            #expect(try envoy.get("a.test", port, second).status == 0)
            let statuses = service.streams.connections().flatMap(\.status.types)
            #expect(statuses.contains { $0.typeURL == .secret })
            #expect(statuses.allSatisfy { $0.rejection == nil })
        }
    }

    private func changes(_ port: Int, hosts: [String] = ["a.test"]) throws -> [ObjectChange] {
        let servers = hosts.map { host in
            let name = host.prefix { $0 != "." }
            return "{port: {number: \(port), name: \(name), protocol: HTTPS}, hosts: [\(host)], "
                + "tls: {mode: SIMPLE, credentialName: \(name)}}"
        }
        let yaml = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge, namespace: istio-system}
            spec: {selector: {istio: ingressgateway}, servers: [\(servers.joined(separator: ", "))]}
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: hello, namespace: istio-system}
            spec: {hosts: ['*.test'], gateways: [edge], http: [{directResponse: {status: 200, body: {string: hello}}}]}
            """
        return try JSONValue.documents(yaml: yaml).map { document in
            let object = ConfigurationObject(UnstructuredObject(document))
            return .configuration(object.reference, object)
        }
    }
}

/// Takes everybody for the gateway of the tests, as a certificate would.
private struct OneGateway: PeerAuthenticator {
    func authenticate(_ peer: PeerConnection, metadata: Metadata) -> PeerIdentity {
        PeerIdentity(names: ["spiffe://cluster.local/ns/istio-system/sa/gw"])
    }
}

private struct GatewayEnvoy {
    private let folder: TestFolder
    private let identifier: Int32

    init(_ kind: Envoy_Config_Core_V3_ApiConfigSource.ApiType, port: Int) throws {
        folder = try TestFolder()
        let bootstrap: Envoy_Config_Bootstrap_V3_Bootstrap = try .with {
            $0.node.id = "router~127.0.0.1~gw.istio-system~istio-system.svc.cluster.local"
            $0.node.cluster = "gw.istio-system"
            $0.node.metadata = [
                "NAMESPACE": "istio-system", "LABELS": .init(structValue: ["istio": "ingressgateway"]),
            ]
            $0.admin.address.socketAddress.address = "127.0.0.1"
            $0.admin.address.socketAddress.portValue = 0
            $0.staticResources.clusters = [try .control("ads", port: port)]
            $0.dynamicResources.adsConfig.apiType = kind
            $0.dynamicResources.adsConfig.transportApiVersion = .v3
            $0.dynamicResources.adsConfig.setNodeOnFirstMessageOnly = true
            $0.dynamicResources.adsConfig.grpcServices = [.with { $0.envoyGrpc.clusterName = "ads" }]
            $0.dynamicResources.cdsConfig.ads = .init()
            $0.dynamicResources.cdsConfig.resourceApiVersion = .v3
            $0.dynamicResources.ldsConfig.ads = .init()
            $0.dynamicResources.ldsConfig.resourceApiVersion = .v3
        }
        let file = try folder.write(bootstrap.stableBytes(), to: "bootstrap.pb")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: EnvoyProgram.path ?? "")
        process.arguments = ["-c", file, "--use-dynamic-base-id", "--concurrency", "1", "-l", "error"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        identifier = process.processIdentifier
    }

    func end() {
        kill(identifier, SIGKILL)
        folder.remove()
    }

    /// A request over HTTPS, of a client that trusts this authority alone.
    func get(_ host: String, _ port: Int, _ authority: TestAuthority) throws -> (status: Int32, output: String) {
        let roots = try folder.write(Array(authority.server(["x"]).root.utf8), to: "roots.pem")
        return try Programs.curl([
            "--resolve", "\(host):\(port):127.0.0.1", "--cacert", roots, "https://\(host):\(port)/",
        ])
    }
}

extension Envoy_Config_Cluster_V3_Cluster {
    fileprivate static func control(_ name: String, port: Int) throws -> Self {
        try .with {
            $0.name = name
            $0.type = .static
            $0.loadAssignment.clusterName = name
            $0.loadAssignment.endpoints = [
                .with {
                    $0.lbEndpoints = [
                        .with {
                            $0.endpoint.address.socketAddress.address = "127.0.0.1"
                            $0.endpoint.address.socketAddress.portValue = UInt32(port)
                        }
                    ]
                }
            ]
            let options = Envoy_Extensions_Upstreams_Http_V3_HttpProtocolOptions.with {
                $0.explicitHTTPConfig.http2ProtocolOptions = .init()
            }
            $0.typedExtensionProtocolOptions = [
                "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": try .init(packing: options)
            ]
        }
    }
}

/// A port that nobody has at the moment.
private func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let failed = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, length) != 0 || getsockname(descriptor, $0, &length) != 0
        }
    }
    try #require(!failed)
    return Int(UInt16(bigEndian: address.sin_port))
}

/// Waits until the world is so.
private func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(90)
    while try await !condition() {
        try #require(ContinuousClock.now < deadline, "not in time: \(what)")
        try await Task.sleep(for: .milliseconds(20))
    }
}
