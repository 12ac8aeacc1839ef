import ControlPlane
import DiscoveryServer
import EnvoyTesting
import Foundation
import GRPCNIOTransportHTTP2Posix
import KubernetesModel
import MeshDiscovery
import MeshModel
import MeshTranslator
import Testing

/// A control plane, and a service `echo` of two gRPC servers without proxies: `v1` and `v2`, each at an address of its own.
struct ProxylessMesh {
    static let addresses = ["v1": "127.0.7.1", "v2": "127.0.7.2"]

    let discovery = MeshDiscovery(settings: MeshSettings(), logger: silent)
    let service: AggregatedDiscoveryService
    let server: DiscoveryServer
    let folder: TestFolder
    /// That the servers listen on.
    let port: Int
    private let authority: TestAuthority

    init() throws {
        service = AggregatedDiscoveryService(source: discovery, logger: silent)
        server = DiscoveryServer(service, address: .ipv4(host: "127.0.0.1", port: 0), logger: silent)
        folder = try TestFolder()
        port = try Self.freePort()
        authority = try TestAuthority()
    }

    /// What the applications call.
    var target: String { "xds:///echo.default.svc.cluster.local:7070" }

    private func workload(_ account: String) throws -> TestAuthority.Identity {
        try authority.workload(["spiffe://cluster.local/ns/default/sa/\(account)"])
    }

    /// Takes objects over, as if they had been applied.
    func apply(_ yaml: String) async throws {
        let changes = try JSONValue.documents(yaml: yaml).map { document -> ObjectChange in
            let key = ObjectKey(
                namespace: document["metadata", "namespace"]?.string ?? "",
                name: document["metadata", "name"]?.string ?? "")
            let decoder = JSONValueDecoder()
            switch document["kind"]?.string {
            case "Service": return .service(key, try decoder.decode(ServiceObject.self, from: document))
            case "Pod": return .pod(key, try decoder.decode(PodObject.self, from: document))
            case "EndpointSlice":
                return .endpointSlice(key, try decoder.decode(EndpointSliceObject.self, from: document))
            default:
                let object = ConfigurationObject(UnstructuredObject(document))
                return .configuration(object.reference, object)
            }
        }
        await discovery.apply(changes, since: .now)
        #expect(await discovery.diagnostics == [:])
    }

    /// Takes the service and its Pods over.
    ///
    /// - Parameter label: One more of the Pods.
    func applyService(label: String = "x: y") async throws {
        let pods = Self.addresses.sorted { $0.key < $1.key }.map { version, address in
            """
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: echo-\(version), namespace: default, labels: {app: echo, version: \(version), \(label)}}
            spec: {serviceAccountName: echo, containers: []}
            status: {phase: Running, podIP: \(address), podIPs: [{ip: \(address)}]}
            """
        }
        let endpoints = Self.addresses.sorted { $0.key < $1.key }.map { version, address in
            "{addresses: [\(address)], conditions: {ready: true}, "
                + "targetRef: {kind: Pod, name: echo-\(version), namespace: default}}"
        }
        try await apply(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: echo, namespace: default}
            spec: {clusterIP: 10.96.0.7, selector: {app: echo}, ports: [{name: grpc, port: 7070, targetPort: \(port)}]}
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: echo-1, namespace: default, labels: {kubernetes.io/service-name: echo}}
            addressType: IPv4
            ports: [{name: grpc, port: \(port)}]
            endpoints: [\(endpoints.joined(separator: ", "))]
            \(pods.joined(separator: "\n"))
            """)
    }

    /// Writes what the gRPC library of an application starts with.
    ///
    /// - Parameter account: Of its identity; nil: it has none.
    func bootstrap(_ name: String, at address: String, account: String? = nil) async throws -> String {
        var bootstrap: [String: JSONValue] = [
            "xds_servers": [
                [
                    "server_uri": .string("127.0.0.1:\(try #require(try await server.boundPort))"),
                    "channel_creds": [["type": "insecure"]], "server_features": ["xds_v3"],
                ]
            ],
            "node": [
                "id": .string("sidecar~\(address)~\(name).default~default.svc.cluster.local"),
                "metadata": ["GENERATOR": "grpc", "NAMESPACE": "default"],
            ],
            "server_listener_resource_name_template": "xds.istio.io/grpc/lds/inbound/%s",
        ]
        if let account {
            let identity = try workload(account)
            bootstrap["certificate_providers"] = [
                "default": [
                    "plugin_name": "file_watcher",
                    "config": [
                        "certificate_file": .string(
                            try folder.write(Array(identity.certificate.utf8), to: "\(name).pem")),
                        "private_key_file": .string(
                            try folder.write(Array(identity.privateKey.utf8), to: "\(name)-key.pem")),
                        "ca_certificate_file": .string(
                            try folder.write(Array(identity.root.utf8), to: "\(name)-root.pem")),
                        "refresh_interval": "900s",
                    ],
                ]
            ]
        }
        return try folder.write(Array(JSONValue.object(bootstrap).jsonText.utf8), to: "\(name).json")
    }

    /// Who gives applications what their gRPC libraries start with.
    enum Bootstraps {
        /// Nobody: they ask the control plane itself.
        case without(areKnown: Bool)
        /// An agent beside each.
        case ofAgents
    }

    /// Runs the servers and a client.
    func run(_ bootstraps: Bootstraps, _ body: (GreeterApplication) async throws -> Void) async throws {
        defer { folder.remove() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            defer { group.cancelAll() }
            var applications: [GreeterApplication] = []
            var agents: [GreeterAgent] = []
            defer {
                for application in applications { application.end() }
                for agent in agents { agent.end() }
            }
            func start(_ name: String, at address: String, account: String, _ arguments: [String]) async throws {
                let file: String
                switch bootstraps {
                case .without(let areKnown):
                    file = try await bootstrap(name, at: address, account: areKnown ? account : nil)
                case .ofAgents:
                    let agent = try GreeterAgent(
                        name, at: address, in: "\(folder.path)/\(name)",
                        controlPlane: try #require(try await server.boundPort), identity: try workload(account))
                    agents.append(agent)
                    file = try await agent.bootstrap()
                }
                applications.append(
                    try GreeterApplication(arguments, bootstrap: file, log: "\(folder.path)/\(name).log"))
            }
            for (version, address) in Self.addresses {
                try await start(
                    "echo-\(version)", at: address, account: "echo", ["serve", version, "\(address):\(port)"])
            }
            for application in applications { #expect(await application.line() == "serving") }
            try await start("client", at: "127.0.7.9", account: "client", ["call"])
            let client = try #require(applications.last)
            do {
                try await body(client)
            } catch {
                let said = (applications.map(\.failures) + agents.map(\.log)).joined().suffix(4000)
                Issue.record("\(error)\nthe applications said: \(said)")
            }
        }
    }
}

extension ProxylessMesh {
    /// A port that nobody has at the moment.
    static func freePort() throws -> Int {
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
}
