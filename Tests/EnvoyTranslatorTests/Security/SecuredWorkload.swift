import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import Foundation
import MeshModel
import SwiftProtobuf

/// A workload behind a real Envoy that holds to policies, and the real Envoys of two clients, `friend` and `stranger`.
///
/// It serves HTTP and TCP. Clients call it by their sidecars, or directly without TLS.
struct SecuredWorkload {
    enum Client: String, CaseIterable { case friend, stranger }

    let server: RunningEnvoy
    private let clients: [Client: RunningEnvoy]
    private let ports: [Int]

    static let address = "127.67.0.2"

    private var http: Int { ports[0] }
    var tcp: Int { ports[1] }

    /// - Parameters:
    ///   - policies: Objects in namespace `default`, in YAML. `%HTTP%` and `%TCP%` are the workload's ports.
    ///   - meshConfig: MeshConfig in YAML. A service `authz.default.svc.cluster.local` at port `%AUTHZ%` lets requests
    ///     with header `x-allow` pass.
    init(_ policies: String, meshConfig: String? = nil) throws {
        let ports = try freePorts(10)
        self.ports = ports
        let (http, tcp, authz) = (ports[0], ports[1], ports[2])
        func filled(_ text: String) -> String {
            text.replacing("%HTTP%", with: "\(http)").replacing("%TCP%", with: "\(tcp)")
                .replacing("%AUTHZ%", with: "\(authz)")
        }
        let configured = try policyMesh(filled(policies), meshConfig: meshConfig.map(filled))
        var mesh = Mesh()
        mesh.snapshot.configuration = configured.configuration
        mesh.snapshot.settings = configured.settings
        mesh.snapshot.settings.inboundPolicy = .localhost
        mesh.add(
            "http", addresses: ["127.67.1.1"],
            ports: [ServicePort(name: "http", number: ports[3], meshProtocol: .http, target: .number(http))],
            pods: [Self.address])
        mesh.add(
            "tcp", addresses: ["127.67.1.2"],
            ports: [ServicePort(name: "tcp", number: ports[4], meshProtocol: .tcp, target: .number(tcp))],
            pods: [Self.address])
        mesh.add(
            "authz", addresses: ["127.67.1.3"],
            ports: [ServicePort(name: "http", number: authz, meshProtocol: .http)], pods: ["127.0.0.1"],
            isMutualTLS: false)

        let authority = try TestAuthority()
        server = try Self.server(mesh, ports: ports, authority)
        var clients: [Client: RunningEnvoy] = [:]
        for (index, client) in Client.allCases.enumerated() {
            clients[client] = try Self.client(
                client, mesh, address: "127.67.2.\(index + 1)", ports: ports, authority)
        }
        self.clients = clients
    }

    private static func server(_ mesh: Mesh, ports: [Int], _ authority: TestAuthority) throws -> RunningEnvoy {
        var mesh = mesh
        mesh.snapshot.settings.outboundPort = ports[5]
        mesh.snapshot.settings.inboundPort = ports[6]
        let folder = try TestFolder()
        var resources = try mesh.resources(
            for: mesh.sidecar(of: "server", at: [address]), settings: .init(sources: .folder(folder)))
        resources.listeners.removeAll { $0.name != "virtualInbound" }
        resources.listeners[0].address = .at(address, ports[0])
        resources.listeners[0].additionalAddresses = [.with { $0.address = .at(address, ports[1]) }]
        return try RunningEnvoy(
            resources,
            secrets: authority.secrets(
                for: ["http", "tcp"].map { "spiffe://cluster.local/ns/default/sa/bookinfo-\($0)" }),
            in: folder,
            application: [
                .application("http", ports[0], try .answering()), .application("tcp", ports[1], try .echoing()),
                .application("authz", ports[2], try .deciding()),
            ])
    }

    private static func client(
        _ client: Client, _ mesh: Mesh, address: String, ports: [Int], _ authority: TestAuthority
    ) throws -> RunningEnvoy {
        var mesh = mesh
        mesh.snapshot.settings.outboundPort = ports[7]
        mesh.snapshot.settings.inboundPort = ports[8]
        let folder = try TestFolder()
        var resources = try mesh.resources(
            for: mesh.sidecar(of: client.rawValue, at: ["10.9.9.9"]), settings: .init(sources: .folder(folder)))
        // Each client listens on an address of its own.
        resources.listeners.removeAll { listener in
            ![UInt32(ports[3]), UInt32(ports[4])].contains(listener.address.socketAddress.portValue)
        }
        for index in resources.listeners.indices {
            resources.listeners[index].bindToPort = true
            resources.listeners[index].address.socketAddress.address = address
            resources.listeners[index].additionalAddresses = []
        }
        return try RunningEnvoy(
            resources, secrets: authority.secrets(for: ["spiffe://cluster.local/ns/default/sa/\(client)"]), in: folder)
    }

    func stop() {
        server.stop()
        for client in clients.values { client.stop() }
    }

    /// The status of a request; 0 if the connection is refused.
    ///
    /// - Parameter client: By whose sidecar; nil: directly.
    func status(
        _ method: String = "GET", _ path: String = "/", from client: Client? = nil, headers: [String] = []
    ) throws -> Int {
        let answer = try answer(method, path, from: client, headers: headers)
        return Int(answer.split(separator: " ", maxSplits: 2).dropFirst().first ?? "") ?? 0
    }

    func answer(
        _ method: String = "GET", _ path: String = "/", from client: Client? = nil, headers: [String] = []
    ) throws -> String {
        let lines = ["\(method) \(path) HTTP/1.1", "host: http:\(ports[3])", "connection: close"] + headers
        return try exchange(
            with: address(of: client), port: client == nil ? http : ports[3],
            sending: lines.joined(separator: "\r\n") + "\r\n\r\n")
    }

    /// What comes back of a line sent over TCP.
    func echo(from client: Client? = nil) throws -> String {
        try exchange(with: address(of: client), port: client == nil ? tcp : ports[4], sending: "hello\n", until: "\n")
    }

    private func address(of client: Client?) -> String {
        guard let client else { return Self.address }
        return "127.67.2.\((Client.allCases.firstIndex(of: client) ?? 0) + 1)"
    }
}

extension Envoy_Config_Core_V3_Address {
    fileprivate static func at(_ address: String, _ port: Int) -> Self {
        .with {
            $0.socketAddress.address = address
            $0.socketAddress.portValue = UInt32(port)
        }
    }
}

extension Envoy_Config_Listener_V3_Filter {
    /// HTTP that answers 200 to who has header `x-allow`, and 403 to others.
    fileprivate static func deciding() throws -> Self {
        var filter = try answering()
        var manager = try Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager(
            unpackingAny: filter.typedConfig)
        var allowed = manager.routeConfig.virtualHosts[0].routes[0]
        var denied = allowed
        allowed.match.headers = [
            .with {
                $0.name = "x-allow"
                $0.presentMatch = true
            }
        ]
        denied.directResponse.status = 403
        manager.routeConfig.virtualHosts[0].routes = [allowed, denied]
        filter.typedConfig = try .init(packing: manager)
        return filter
    }
}

extension ConfigSources {
    fileprivate static func folder(_ folder: TestFolder) -> ConfigSources {
        ConfigSources(resources: .folder(folder.path), secrets: .folder(folder.path))
    }
}
