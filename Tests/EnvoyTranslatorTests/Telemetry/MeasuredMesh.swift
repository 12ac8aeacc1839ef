import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import Foundation
import MeshMetrics
import MeshModel
import SwiftProtobuf
import Testing

/// Two real Envoys that count: a client's and a server's sidecar, with applications behind both.
struct MeasuredMesh {
    let client: RunningEnvoy
    let server: RunningEnvoy
    /// What the client's application calls.
    private(set) var services: [String: (address: String, port: Int)] = [:]
    /// Where the server's workload listens.
    private(set) var workload: [String: Int] = [:]

    static let serverAddress = "127.67.0.2"
    static let clientNames = PeerNames(
        workload: "client-v3", namespace: "default", canonicalName: "client", canonicalRevision: "v3",
        clusterID: "Kubernetes", app: "client", version: "v3")
    static let serverNames = PeerNames(
        workload: "all-v1", namespace: "default", canonicalName: "all", canonicalRevision: "latest",
        clusterID: "Kubernetes", app: "all", version: "")

    /// - Parameter edit: Of what the client is sent.
    init(
        settings: (inout MeshSnapshot) -> Void = { _ in }, edit: (inout Resources) -> Void = { _ in }
    ) throws {
        let kinds: [(String, MeshProtocol)] = [("http", .http), ("grpc", .grpc), ("echo", .tcp), ("refused", .tcp)]
        let ports = try freePorts(2 * kinds.count + 6)
        var mesh = Mesh()
        mesh.snapshot.settings.inboundPolicy = .localhost
        mesh.snapshot.settings.defaultProviders.metrics = ["prometheus"]
        settings(&mesh.snapshot)
        for (index, kind) in kinds.enumerated() {
            let address = "127.67.1.\(index + 1)"
            services[kind.0] = (kind.1.isHTTP ? "127.0.0.1" : address, ports[index])
            workload[kind.0] = ports[kinds.count + index]
            mesh.add(
                kind.0, addresses: [address],
                ports: [
                    ServicePort(
                        name: kind.0, number: ports[index], meshProtocol: kind.1,
                        target: .number(ports[kinds.count + index]))
                ], pods: [Self.serverAddress])
        }
        let external = ports[2 * kinds.count + 4]
        mesh.add(
            "external", addresses: [], ports: [ServicePort(name: "http", number: external, meshProtocol: .http)],
            pods: ["127.0.0.1"], isMutualTLS: false
        ) { $0.isExternal = true }
        for (key, set) in mesh.snapshot.endpoints where key.service.hostname.hasPrefix("external") {
            mesh.snapshot.endpoints[key] = EndpointSet(
                set.endpoints.map { endpoint in
                    var endpoint = endpoint
                    endpoint.port = ports[2 * kinds.count + 5]
                    return endpoint
                })
        }
        services["external"] = ("127.0.0.1", external)
        let authority = try TestAuthority()

        mesh.snapshot.settings.outboundPort = ports[2 * kinds.count]
        mesh.snapshot.settings.inboundPort = ports[2 * kinds.count + 1]
        let clientFolder = try TestFolder()
        var resources = try mesh.resources(
            for: mesh.sidecar(of: "client", at: ["127.67.0.1"]), settings: .init(sources: .files(in: clientFolder)))
        for index in resources.listeners.indices { resources.listeners[index].bindToPort = true }
        edit(&resources)
        client = try RunningEnvoy(
            resources, secrets: authority.secrets(for: ["spiffe://cluster.local/ns/default/sa/client"]),
            in: clientFolder,
            application: [.application("outside", ports[2 * kinds.count + 5], try .forging())],
            metadata: ["TELEMETRY_PEER": .init(stringValue: Self.clientNames.text)])

        mesh.snapshot.settings.outboundPort = ports[2 * kinds.count + 2]
        mesh.snapshot.settings.inboundPort = ports[2 * kinds.count + 3]
        let serverFolder = try TestFolder()
        resources = try mesh.resources(
            for: mesh.sidecar(of: "server", at: [Self.serverAddress]),
            settings: .init(sources: .files(in: serverFolder)))
        if let inbound = resources.listeners.firstIndex(where: { $0.name == "virtualInbound" }) {
            resources.listeners[inbound].listen(on: Self.serverAddress, workload.values.sorted())
        }
        server = try RunningEnvoy(
            resources,
            secrets: authority.secrets(for: kinds.map { "spiffe://cluster.local/ns/default/sa/bookinfo-\($0.0)" }),
            in: serverFolder,
            application: [
                .application("http", workload["http"], try .answering()),
                .application("grpc", workload["grpc"], try .answering()),
                .application("echo", workload["echo"], try .echoing()),
            ],
            metadata: ["TELEMETRY_PEER": .init(stringValue: Self.serverNames.text)])
    }

    func stop() {
        client.stop()
        server.stop()
    }

    /// What the client's application gets for a request.
    func get(_ service: String, headers: String = "") throws -> String {
        let target = try #require(services[service])
        return try exchange(
            with: target.address, port: target.port,
            sending: "GET / HTTP/1.1\r\nhost: \(service)\r\n\(headers)connection: close\r\n\r\n")
    }

    /// The series of a metric on the page that Prometheus gets of one side, as soon as there are some that will do.
    func series(
        _ name: String, of envoy: KeyPath<MeasuredMesh, RunningEnvoy>, until isEnough: ([MeasuredSeries]) -> Bool
    ) throws -> [MeasuredSeries] {
        let page = MetricsPage(own: envoy == \.client ? Self.clientNames : Self.serverNames)
        let deadline = Date.now.addingTimeInterval(10)
        while true {
            let text = String(decoding: page.rewritten(try self[keyPath: envoy].metrics()), as: UTF8.self)
            let series = text.split(separator: "\n").filter { $0.hasPrefix("\(name){") }.map { MeasuredSeries($0) }
            if isEnough(series) || Date.now > deadline { return series }
        }
    }
}

/// A line of the page.
struct MeasuredSeries {
    var labels: [String: String] = [:]
    var value: Double

    init(_ line: Substring) {
        value = line.split(separator: " ").last.flatMap { Double($0) } ?? -1
        for match in line.matches(of: #/([a-z_]+)="([^"]*)"/#) { labels[String(match.1)] = String(match.2) }
    }

    func has(_ expected: [String: String]) -> Bool { expected.allSatisfy { labels[$0.key] == $0.value } }
}

extension Envoy_Config_Listener_V3_Listener {
    /// Where capture would send connections.
    fileprivate mutating func listen(on host: String, _ ports: [Int]) {
        func address(_ port: Int) -> Envoy_Config_Core_V3_Address {
            .with {
                $0.socketAddress.address = host
                $0.socketAddress.portValue = UInt32(port)
            }
        }
        self.address = address(ports[0])
        additionalAddresses = ports.dropFirst().map { port in .with { $0.address = address(port) } }
    }
}

extension Envoy_Config_Listener_V3_Filter {
    /// HTTP that pretends to be a workload of the mesh.
    fileprivate static func forging() throws -> Self {
        typealias Manager = Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager
        var filter = try answering()
        var manager = try Manager(unpackingAny: filter.typedConfig)
        manager.routeConfig.virtualHosts[0].responseHeadersToAdd = [
            .with {
                $0.header.key = "x-mesh-peer"
                $0.header.value = "forged;default;x;y;z"
            }
        ]
        filter.typedConfig = try .init(packing: manager)
        return filter
    }
}

extension ConfigSources {
    fileprivate static func files(in folder: TestFolder) -> ConfigSources {
        ConfigSources(resources: .folder(folder.path), secrets: .folder(folder.path))
    }
}
