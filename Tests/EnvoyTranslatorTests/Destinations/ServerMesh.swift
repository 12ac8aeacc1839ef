import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import Foundation
import KubernetesModel
import MeshModel
import MeshTranslator
import SwiftProtobuf
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A service `s` with servers on loopback ports, a DestinationRule, and a client's sidecar: all of it one Envoy.
struct ServerMesh {
    private var mesh = Mesh()
    private var endpoints: [Endpoint] = []
    private var applications: [Envoy_Config_Listener_V3_Listener] = []
    private let locality: Locality
    private let port: Int
    private var free: [Int]
    /// Subsets by the prefix of their paths.
    var routes: [String: String] = [:]
    /// Of the service.
    var labels: [String: String] = [:]
    /// Besides the mesh's own.
    var secrets: [Envoy_Extensions_TransportSockets_Tls_V3_Secret] = []

    /// - Parameters:
    ///   - rules: The spec of a DestinationRule.
    ///   - locality: Of the client.
    init(rules spec: String, locality: String = "") throws {
        var objects = ClusterObjects()
        let rule =
            "{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: r, namespace: default}, spec: \(spec)}"
        for document in try JSONValue.documents(yaml: rule) {
            let said = objects.add(UnstructuredObject(document))
            #expect(said == [])
        }
        let translation = MeshTranslation(objects)
        #expect(translation.diagnostics == [:])
        mesh.snapshot.configuration = translation.snapshot.configuration
        self.locality = Locality(parsing: locality)
        free = try freePorts(8)
        mesh.snapshot.settings.outboundPort = free.removeLast()
        mesh.snapshot.settings.inboundPort = free.removeLast()
        port = free.removeLast()
    }

    mutating func add(
        _ name: String, _ labels: [String: String] = [:], locality: String = "", status: UInt32 = 200,
        port: Int? = nil, identity: TestAuthority.Identity? = nil
    ) {
        let own = port ?? free.removeLast()
        var endpoint = Endpoint(address: "127.0.0.1", port: own, labels: labels)
        endpoint.locality = Locality(parsing: locality)
        endpoints.append(endpoint)
        guard port == nil, var listener = try? Self.application(name, own, status: status) else { return }
        if let identity { try? listener.secure(identity) }
        applications.append(listener)
    }

    private static func application(
        _ name: String, _ port: Int, status: UInt32
    ) throws -> Envoy_Config_Listener_V3_Listener {
        typealias Manager = Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager
        var filter = try Envoy_Config_Listener_V3_Filter.answering()
        var manager = try Manager(unpackingAny: filter.typedConfig)
        manager.routeConfig.virtualHosts[0].routes[0].directResponse.status = status
        filter.typedConfig = try .init(packing: manager)
        return .application(name, port, filter)
    }

    func start() throws -> RunningEnvoy {
        var mesh = mesh
        mesh.add(
            "s", addresses: ["127.66.9.1"], ports: [ServicePort(name: "http", number: port, meshProtocol: .http)]
        ) { $0.labels = labels }
        mesh.snapshot.settings.keepsSessions = !labels.isEmpty
        let service = ServiceKey(hostname: "s.default.svc.cluster.local", namespace: "default")
        mesh.snapshot.endpoints[EndpointKey(service: service, portName: "http")] = EndpointSet(endpoints)
        var proxy = mesh.sidecar(of: "client", at: ["127.66.0.1"])
        proxy.locality = locality
        let folder = try TestFolder()
        let sources = ConfigSources(
            resources: .folder(folder.path), secrets: .folder(folder.path), credentials: .folder(folder.path))
        var resources = try mesh.resources(for: proxy, settings: .init(sources: sources))
        for index in resources.listeners.indices { resources.listeners[index].bindToPort = true }
        for index in resources.routes.indices where resources.routes[index].name == "\(port)" {
            for host in resources.routes[index].virtualHosts.indices {
                resources.routes[index].virtualHosts[host].routes.insert(contentsOf: own(), at: 0)
                for route in resources.routes[index].virtualHosts[host].routes.indices {
                    // What a server answers is what is asked about.
                    resources.routes[index].virtualHosts[host].routes[route].route.clearRetryPolicy()
                }
            }
        }
        let identity = try TestAuthority().secrets(for: ["spiffe://cluster.local/ns/default/sa/client"])
        return try RunningEnvoy(resources, secrets: identity + secrets, in: folder, application: applications)
    }

    private func own() -> [Envoy_Config_Route_V3_Route] {
        routes.sorted { $0.key < $1.key }.map { prefix, subset in
            .with {
                $0.match.prefix = prefix
                $0.route.cluster = "outbound|\(port)|\(subset)|s.default.svc.cluster.local"
            }
        }
    }

    /// What the client gets.
    func get(_ path: String, _ header: String = "x: y") throws -> String {
        try exchange(
            with: "127.0.0.1", port: port,
            sending: "GET \(path) HTTP/1.1\r\nhost: s\r\n\(header)\r\nconnection: close\r\n\r\n")
    }

    /// Who answered.
    func server(of answer: String) throws -> String {
        let line = answer.split(whereSeparator: \.isNewline).first { $0.hasPrefix("served: ") }
        return String(try #require(line, "\(answer)").dropFirst("served: ".count))
    }

    /// A request that nobody waits for.
    func begin() throws -> OpenRequest { try OpenRequest(port: port, text: "GET / HTTP/1.1\r\nhost: s\r\n\r\n") }
}

extension Envoy_Config_Listener_V3_Listener {
    fileprivate mutating func secure(_ identity: TestAuthority.Identity) throws {
        let context: Envoy_Extensions_TransportSockets_Tls_V3_DownstreamTlsContext = .with {
            $0.commonTlsContext.tlsCertificates = [
                .with {
                    $0.certificateChain.inlineString = identity.certificate
                    $0.privateKey.inlineString = identity.privateKey
                }
            ]
        }
        filterChains[0].transportSocket = try .with {
            $0.name = "envoy.transport_sockets.tls"
            $0.typedConfig = try .init(packing: context)
        }
        // Who asks for another name is not served.
        filterChains[0].filterChainMatch.serverNames = ["test"]
        listenerFilters = [
            try .with {
                $0.name = "envoy.filters.listener.tls_inspector"
                $0.typedConfig = try .init(
                    packing: Envoy_Extensions_Filters_Listener_TlsInspector_V3_TlsInspector())
            }
        ]
    }
}

extension RunningEnvoy {
    /// Looks until a statistic has a value, or enough is enough.
    func wait(for filter: String, toBe value: Int) throws {
        for _ in 0..<3000 where try statistics(filter).values.max() == value { return }
        Issue.record("\(filter) is \(try statistics(filter)), never \(value)")
    }
}

/// A server that takes connections and never answers.
struct SilentServer {
    private let descriptor: Int32
    let port: Int

    init() throws {
        port = try freePorts(1)[0]
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(port)
        let failed = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) != 0
            }
        }
        guard !failed, listen(descriptor, 8) == 0 else {
            throw SocketFailure(description: "cannot listen on \(port): errno \(errno)")
        }
    }

    func close() { _ = Foundation.close(descriptor) }
}

/// A request whose answer nobody waits for.
struct OpenRequest {
    private let descriptor: Int32

    init(port: Int, text: String) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(port)
        let failed = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) != 0
            }
        }
        let bytes = Array(text.utf8)
        guard !failed, send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw SocketFailure(description: "cannot ask \(port): errno \(errno)")
        }
    }

    func close() { _ = Foundation.close(descriptor) }
}

private func loopback(_ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    return address
}
