import AgentRuntime
import DiscoveryServer
import EnvoyAPI
import EnvoyTesting
import GRPCNIOTransportHTTP2Posix
import Logging
import NIOCore
import ServiceLifecycle
import SwiftProtobuf
import XDSServer

/// Says nothing.
let silentLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Runs services for the time of `body`, then ends them gracefully.
func withServices<Result: Sendable>(
    _ services: [any Service], body: @Sendable () async throws -> Result
) async throws -> Result {
    let group = ServiceGroup(services: services, logger: silentLogger)
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        do {
            let result = try await body()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return result
        } catch {
            await group.triggerGracefulShutdown()
            tasks.cancelAll()
            throw error
        }
    }
}

/// A control plane in plain text on a free port that knows one listener, which answers 200 itself.
///
/// - Parameter bootstrap: What it adds to bootstraps, if it is asked.
func withControlPlane(
    listener port: Int, bootstrap: Envoy_Config_Bootstrap_V3_Bootstrap? = nil,
    body: @Sendable (Int) async throws -> Void
) async throws {
    var cache = ResourceCache([
        .listener: ResourceSnapshot([try inboundListener(port: port)]),
        .cluster: ResourceSnapshot([try someCluster()]),
    ])
    if let bootstrap {
        let resource = Resource(name: "bootstrap", body: try bootstrap.stableBytes())
        cache.replace(TypeURL(rawValue: Envoy_Config_Bootstrap_V3_Bootstrap.typeURL), with: [resource])
    }
    try await withControlPlane(cache, body: body)
}

/// A control plane in plain text on a free port that knows this and nothing else.
func withControlPlane(_ cache: ResourceCache, body: @Sendable (Int) async throws -> Void) async throws {
    let source = StaticSource(cache)
    let service = AggregatedDiscoveryService(source: source, controlPlane: "test", logger: silentLogger)
    let server = DiscoveryServer(
        service, address: .ipv4(host: "127.0.0.1", port: 0), security: .plaintext, authenticator: AnyPeer(),
        logger: silentLogger)
    try await withServices([server]) {
        guard let port = try await server.boundPort else { throw AgentTestFailure("no port") }
        try await body(port)
    }
}

private func someCluster() throws -> Resource {
    let cluster = Envoy_Config_Cluster_V3_Cluster.with {
        $0.name = "nowhere"
        $0.type = .static
    }
    return Resource(name: cluster.name, body: try cluster.stableBytes())
}

/// An inbound listener that answers the same to everything.
func inboundListener(port: Int, answer: String = "here") throws -> Resource {
    let manager: Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager = try .with {
        $0.statPrefix = "inbound;"
        $0.routeConfig.name = "inbound"
        $0.routeConfig.virtualHosts = [.everything { $0.answer(answer) }]
        $0.httpFilters = [
            try .with {
                $0.name = "envoy.filters.http.router"
                $0.typedConfig = try .init(packing: Envoy_Extensions_Filters_Http_Router_V3_Router())
            }
        ]
    }
    let listener: Envoy_Config_Listener_V3_Listener = try .with {
        $0.name = "inbound"
        $0.trafficDirection = .inbound
        $0.address.socketAddress.address = "127.0.0.1"
        $0.address.socketAddress.portValue = UInt32(port)
        $0.filterChains = [
            try .with {
                $0.filters = [
                    try .with {
                        $0.name = "envoy.filters.network.http_connection_manager"
                        $0.typedConfig = try .init(packing: manager)
                    }
                ]
            }
        ]
    }
    return Resource(name: listener.name, body: try listener.stableBytes())
}

/// One request on the loopback.
func request(_ method: String = "GET", port: Int, _ path: String) async throws -> (status: Int, body: String) {
    var request = LocalHTTPRequest(method: method, host: "127.0.0.1", port: port, target: path)
    request.timeout = .seconds(60)
    let response = try await request.send()
    return (response.status, String(decoding: response.body, as: UTF8.self))
}
