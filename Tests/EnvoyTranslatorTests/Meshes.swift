import EnvoyAPI
import EnvoyTranslator
import MeshModel
import SwiftProtobuf

/// A mesh that grows service by service.
struct Mesh {
    var snapshot = MeshSnapshot()

    /// A service with endpoints that have sidecars, unless they are said to have none.
    mutating func add(
        _ name: String, in namespace: String = "default", addresses: [String], ports: [ServicePort],
        resolution: MeshService.Resolution = .endpoints, pods: [String] = [], isMutualTLS: Bool = true,
        edit: (inout MeshService) -> Void = { _ in }
    ) {
        var service = MeshService(
            name: name, namespace: namespace, hostname: "\(name).\(namespace).svc.cluster.local",
            addresses: addresses, resolution: resolution, ports: ports)
        edit(&service)
        snapshot.services[service.key] = service
        for port in ports {
            guard case .number(let number) = port.target else { continue }
            snapshot.endpoints[EndpointKey(service: service.key, portName: port.name)] = EndpointSet(
                pods.map { pod in
                    var endpoint = Endpoint(address: pod, port: number, labels: ["app": name, "version": "v1"])
                    endpoint.identity = WorkloadIdentity(namespace: namespace, serviceAccount: "bookinfo-\(name)")
                    endpoint.isMutualTLS = isMutualTLS
                    endpoint.workloadName = "\(name)-v1"
                    endpoint.clusterID = "Kubernetes"
                    return endpoint
                })
        }
    }

    /// The four services of Bookinfo, and a database.
    static let bookinfo: Mesh = {
        var mesh = Mesh()
        let http = ServicePort(name: "http", number: 9080, meshProtocol: .http)
        mesh.add("productpage", addresses: ["10.96.0.1"], ports: [http], pods: ["10.244.0.1"])
        mesh.add("details", addresses: ["10.96.0.2"], ports: [http], pods: ["10.244.0.2"])
        mesh.add(
            "reviews", addresses: ["10.96.0.3"], ports: [http], pods: ["10.244.0.3", "10.244.0.4", "10.244.0.5"])
        mesh.add("ratings", in: "stars", addresses: ["10.96.0.4"], ports: [http], pods: ["10.244.0.6"])
        mesh.add(
            "mysqldb", addresses: ["10.96.0.5"],
            ports: [ServicePort(name: "mysql", number: 3306, meshProtocol: .mysql)], pods: ["10.244.0.7"])
        return mesh
    }()

    /// All kinds of services at once.
    static let menagerie: Mesh = {
        var mesh = bookinfo
        mesh.add(
            "zk", addresses: [],
            ports: [
                ServicePort(name: "tcp-client", number: 2181, meshProtocol: .tcp),
                ServicePort(name: "tcp-leader", number: 2888, meshProtocol: .tcp),
                ServicePort(name: "http-admin", number: 8080, meshProtocol: .http),
                ServicePort(name: "whatever", number: 7000, meshProtocol: .auto),
            ],
            resolution: .headless, pods: ["10.244.1.1", "10.244.1.2", "10.244.1.3"])
        mesh.add(
            "sniffed", addresses: ["10.96.1.1"],
            ports: [ServicePort(name: "web", number: 9000, meshProtocol: .auto, target: .number(9001))],
            pods: ["10.244.1.4"])
        mesh.add(
            "grpc", addresses: ["10.96.1.2", "fd00::2"],
            ports: [
                ServicePort(name: "grpc", number: 50051, meshProtocol: .grpc),
                ServicePort(name: "dns", number: 53, meshProtocol: .udp),
                ServicePort(name: "tls", number: 443, meshProtocol: .https),
            ],
            pods: ["10.244.1.5", "fd00:10::5"])
        mesh.add(
            "elsewhere", addresses: [], ports: [ServicePort(name: "http", number: 8081, meshProtocol: .http)],
            resolution: .externalName("example.com"))
        return mesh
    }()

    func sidecar(
        of name: String = "productpage-v1-0", in namespace: String = "default", at addresses: [String] = ["10.244.0.1"]
    ) -> Proxy {
        Proxy(
            kind: .sidecar, name: name, namespace: namespace, addresses: addresses, labels: ["test": "sidecar"])
    }

    func resources(for proxy: Proxy, settings: TranslationSettings = .init()) throws -> Resources {
        Resources(
            try xdsResources(for: proxy, view: snapshot.view(of: proxy), in: snapshot, settings: settings))
    }
}

/// The resources of a proxy, by kind and name.
struct Resources {
    var clusters: [Envoy_Config_Cluster_V3_Cluster]
    var endpoints: [Envoy_Config_Endpoint_V3_ClusterLoadAssignment]
    var listeners: [Envoy_Config_Listener_V3_Listener]
    var routes: [Envoy_Config_Route_V3_RouteConfiguration]

    init(_ byType: [String: [NamedResource]]) {
        func all<Kind: Message>(_: Kind.Type) -> [Kind] {
            byType[Kind.typeURL, default: []].compactMap { $0.message as? Kind }
        }
        clusters = all(Envoy_Config_Cluster_V3_Cluster.self)
        endpoints = all(Envoy_Config_Endpoint_V3_ClusterLoadAssignment.self)
        listeners = all(Envoy_Config_Listener_V3_Listener.self)
        routes = all(Envoy_Config_Route_V3_RouteConfiguration.self)
    }

    func cluster(_ name: String) -> Envoy_Config_Cluster_V3_Cluster? { clusters.first { $0.name == name } }
    func endpoints(_ name: String) -> Envoy_Config_Endpoint_V3_ClusterLoadAssignment? {
        endpoints.first { $0.clusterName == name }
    }
    func listener(_ name: String) -> Envoy_Config_Listener_V3_Listener? { listeners.first { $0.name == name } }
    func routes(_ name: String) -> Envoy_Config_Route_V3_RouteConfiguration? { routes.first { $0.name == name } }
}

extension Envoy_Config_Listener_V3_FilterChain {
    /// The connection manager in it.
    var connectionManager: Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager? {
        filters.lazy.compactMap { try? .init(unpackingAny: $0.typedConfig) }.first
    }

    /// Where the TCP proxy in it goes.
    var tcpCluster: String? {
        filters.lazy.compactMap {
            try? Envoy_Extensions_Filters_Network_TcpProxy_V3_TcpProxy(unpackingAny: $0.typedConfig).cluster
        }.first
    }

    /// In one line: what it matches and what it does.
    var summary: String {
        var words: [String] = [name.isEmpty ? "-" : name]
        if filterChainMatch.hasDestinationPort { words.append(":\(filterChainMatch.destinationPort.value)") }
        if !filterChainMatch.transportProtocol.isEmpty { words.append(filterChainMatch.transportProtocol) }
        if !filterChainMatch.applicationProtocols.isEmpty {
            words.append(filterChainMatch.applicationProtocols.joined(separator: ","))
        }
        if hasTransportSocket { words.append("mTLS") }
        if let manager = connectionManager {
            words.append(
                manager.rds.routeConfigName.isEmpty
                    ? "http \(manager.routeConfig.name)" : "http routes \(manager.rds.routeConfigName)")
        } else {
            words.append("tcp \(tcpCluster ?? "?")")
        }
        return words.joined(separator: " ")
    }
}

extension Envoy_Config_Core_V3_TransportSocket {
    var upstream: Envoy_Extensions_TransportSockets_Tls_V3_UpstreamTlsContext? {
        try? .init(unpackingAny: typedConfig)
    }
}
