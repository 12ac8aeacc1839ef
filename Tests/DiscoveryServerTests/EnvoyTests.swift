import EnvoyAPI
import EnvoyTesting
import Observability
import ServiceLifecycle
import SwiftProtobuf
import Testing
import XDSServer

@testable import DiscoveryServer

/// A real Envoy takes what the server sends, serves it, and its refusals are noted.
@Suite(.serialized, .enabled(if: EnvoyProgram.path != nil, Comment(rawValue: EnvoyProgram.absence))) struct EnvoyTests {
    private typealias Kind = Envoy_Config_Core_V3_ApiConfigSource.ApiType

    @Test func delta() async throws { try await serves(.deltaGrpc, .delta) }

    @Test func stateOfTheWorld() async throws { try await serves(.grpc, .stateOfTheWorld) }

    @Test(arguments: [ProtocolVariant.delta, .stateOfTheWorld])
    func aHangingOneIsCutOffAndComesBack(_ variant: ProtocolVariant) async throws {
        let limits = shortLimits(acknowledgement: .seconds(5))
        try await withServer(mesh(backend: 1), limits: limits) { server in
            let envoy = try EnvoyProcess(variant == .delta ? .deltaGrpc : .grpc, port: server.port)
            defer { envoy.end() }
            try await eventually("all is acknowledged") { server.connections.first?.status.types.count == 4 }
            try await eventually("all is acknowledged") { server.connections.first?.status.isSynced ?? false }
            let port = try #require(try await envoy.port(of: "web"))

            envoy.pause()
            try server.source.update { try $0.apply(.route, updates: [route(answer: "second")]) }
            try await eventually("its stream is closed") { server.connections.isEmpty }
            try await eventually("its connection is closed") { server.service.connections.count == 0 }
            #expect(server.metric("pilot_xds_write_timeout") == 1)

            envoy.resume()
            try await eventually("it has what it missed") {
                try await get("http://127.0.0.1:\(port)/direct").body == "second"
            }
            try await eventually("it is in sync") { server.connections.first?.status.isSynced ?? false }
            #expect(server.metric(#"pilot_total_xds_rejects{type="lds"}"#) == 0)
        }
    }

    private func serves(_ kind: Kind, _ variant: ProtocolVariant) async throws {
        try await withBackend { backend in
            try await withServer(mesh(backend: backend), limits: shortLimits()) { server in
                let envoy = try EnvoyProcess(kind, port: server.port)
                defer { envoy.end() }
                do {
                    try await exercise(server, envoy, variant)
                } catch {
                    throw TestFailure("\(error)\n\(envoy.log.suffix(4000))")
                }
            }
        }
    }

    private func exercise(
        _ server: ServerHarness, _ envoy: EnvoyProcess, _ variant: ProtocolVariant
    ) async throws {
        try await eventually("the listener is there") { try await envoy.port(of: "web") != nil }
        let port = try #require(try await envoy.port(of: "web"))
        #expect(try await get("http://127.0.0.1:\(port)/direct") == (200, "first"))
        #expect(try await get("http://127.0.0.1:\(port)/hello") == (200, "from the backend\n"))
        try await eventually("everything is acknowledged") { server.connections.first?.status.isSynced ?? false }

        let connection = try #require(server.connections.first)
        #expect(server.connections.count == 1)
        #expect(connection.status.variant == variant)
        #expect(connection.status.types.map(\.typeURL) == [.cluster, .endpoint, .listener, .route])
        #expect(connection.node?.userAgentName == "envoy")
        #expect(server.metric(#"pilot_total_xds_rejects{type="lds"}"#) == 0)

        // A route changes: so does what is served.
        try server.source.update { try $0.apply(.route, updates: [route(answer: "second")]) }
        try await eventually("the answer changes") {
            try await get("http://127.0.0.1:\(port)/direct").body == "second"
        }
        #expect(server.metric(#"pilot_total_xds_rejects{type="lds"}"#) == 0)

        // What Envoy refuses is noted, and the old one serves on.
        try server.source.update { try $0.apply(.listener, updates: [brokenListener()]) }
        try await eventually("Envoy refuses it") { server.metric(#"pilot_total_xds_rejects{type="lds"}"#) == 1 }
        let status = try #require(server.connections.first?.status.types.first { $0.typeURL == .listener })
        #expect(status.state == .rejected)
        #expect(status.rejection?.culprit == "web")
        #expect(status.rejection?.message.contains("no.such.filter") ?? false)
        #expect(try await get("http://127.0.0.1:\(port)/direct") == (200, "second"))
        #expect(try await envoy.statistic("listener_manager.lds.update_rejected") == 1)

        // The rest goes on, and the mended one is taken.
        try server.source.update { try $0.apply(.route, updates: [route(answer: "third")]) }
        try await eventually("routes still change") {
            try await get("http://127.0.0.1:\(port)/direct").body == "third"
        }
        try server.source.update { try $0.apply(.listener, updates: [listener(statPrefix: "mended")]) }
        try await eventually("all is well again") { server.connections.first?.status.isSynced ?? false }
        #expect(server.metric(#"pilot_total_xds_rejects{type="lds"}"#) == 1)

        // Envoy goes: so does its stream.
        envoy.end()
        try await eventually("nobody is connected") { server.connections.isEmpty }
    }
}

/// A server that Envoy sends requests to.
private func withBackend(_ body: (_ port: Int) async throws -> Void) async throws {
    let routes = HTTPRoutes(["/hello": HTTPRoute { _ in .text("from the backend\n") }])
    let backend = HTTPEndpoints(host: "127.0.0.1", port: 0, routes: routes, logger: silent)
    let services = ServiceGroup(services: [backend], logger: silent)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await services.run() }
        defer { group.cancelAll() }
        try await body(await backend.boundPort)
    }
}

/// A listener, its routes, a cluster and its endpoint.
private func mesh(backend: Int) throws -> ResourceCache {
    let cluster = Envoy_Config_Cluster_V3_Cluster.with {
        $0.name = "backend"
        $0.type = .eds
        $0.edsClusterConfig.edsConfig.ads = .init()
        $0.edsClusterConfig.edsConfig.resourceApiVersion = .v3
    }
    let endpoints = Envoy_Config_Endpoint_V3_ClusterLoadAssignment.one("backend", port: backend)
    return try ResourceCache([
        .cluster: ResourceSnapshot([
            Resource(name: "backend", body: cluster.stableBytes(), dependents: ["backend"])
        ]),
        .endpoint: ResourceSnapshot([Resource(name: "backend", body: endpoints.stableBytes())]),
        .listener: ResourceSnapshot([listener()]),
        .route: ResourceSnapshot([route(answer: "first")]),
    ])
}

private func route(answer: String) throws -> Resource {
    let message = Envoy_Config_Route_V3_RouteConfiguration.with {
        $0.name = "routes"
        let direct = Envoy_Config_Route_V3_Route.with {
            $0.match.path = "/direct"
            $0.answer(answer)
        }
        $0.virtualHosts = [.everything(after: [direct]) { $0.route.cluster = "backend" }]
    }
    return Resource(name: "routes", body: try message.stableBytes())
}

private func listener(statPrefix: String = "web") throws -> Resource {
    let manager = try Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager.with {
        $0.statPrefix = statPrefix
        $0.rds.routeConfigName = "routes"
        $0.rds.configSource.ads = .init()
        $0.rds.configSource.resourceApiVersion = .v3
        $0.httpFilters = [
            try .with {
                $0.name = "router"
                $0.typedConfig = try .init(packing: Envoy_Extensions_Filters_Http_Router_V3_Router())
            }
        ]
    }
    return try listener(filter: .init(packing: manager))
}

/// A listener with a filter that nobody knows.
private func brokenListener() throws -> Resource {
    try listener(filter: .with { $0.typeURL = "type.googleapis.com/no.such.filter" })
}

private func listener(filter: Google_Protobuf_Any) throws -> Resource {
    let message = Envoy_Config_Listener_V3_Listener.with {
        $0.name = "web"
        $0.address.socketAddress.address = "127.0.0.1"
        $0.address.socketAddress.portValue = 0
        $0.filterChains = [
            .with {
                $0.filters = [
                    .with {
                        $0.name = "filter"
                        $0.typedConfig = filter
                    }
                ]
            }
        ]
    }
    return Resource(name: "web", body: try message.stableBytes(), dependents: ["routes"])
}
