import AgentRuntime
import DiscoveryServer
import EnvoyAPI
import EnvoyTesting
import Foundation
import GRPCNIOTransportHTTP2Posix
import SwiftProtobuf
import Synchronization
import Testing
import XDSServer

@testable import WasmPlugins
@testable import XDSRelay

/// A real Envoy that runs modules which the agent has fetched.
@Suite(
    .serialized, .timeLimit(.minutes(10)),
    .enabled(if: EnvoyProgram.path != nil, Comment(rawValue: EnvoyProgram.absence)))
struct WasmEndToEndTests {
    @Test(arguments: [Envoy_Config_Core_V3_ApiConfigSource.ApiType.deltaGrpc, .grpc])
    func aModuleChangesAnswers(_ kind: Envoy_Config_Core_V3_ApiConfigSource.ApiType) async throws {
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        let server = TestModuleServer { path in
            switch path {
            case "/one":
                .init(body: TestModule.addingHeader("x-made", "one"), after: { for await _ in gates { break } })
            case "/two": .init(body: TestModule.addingHeader("x-made", "two"))
            default: .init(status: 404)
            }
        }
        try await with(kind, server) { mesh in
            try await soon("the other listener answers") { mesh.answer("other")?.contains("plain") == true }
            // What does not hang on the module goes on meanwhile.
            try mesh.plug()
            try await soon("the module is asked for") { !mesh.server.paths.isEmpty }
            try mesh.change(answer: "news")
            try await soon("news come") { mesh.answer("other")?.contains("news") == true }
            #expect(mesh.answer("plugged") == nil)
            gate.yield()
            try await soon("the module's header comes") { mesh.answer("plugged")?.contains("x-made: one") == true }
            try mesh.use("/two")
            try await soon("the other module's header comes") {
                mesh.answer("plugged")?.contains("x-made: two") == true
            }
            // One that is not there is refused, and the last one stays.
            try mesh.use("/gone")
            try await soon("it is refused") { mesh.isRefused }
            #expect(mesh.answer("plugged")?.contains("x-made: two") == true)
            try mesh.use("/gone", isOpen: true)
            try await soon("requests pass it by") {
                let answer = mesh.answer("plugged")
                return answer?.contains("plain") == true && answer?.contains("x-made") == false
            }
            try mesh.use("/one")
            try await soon("the first is back") { mesh.answer("plugged")?.contains("x-made: one") == true }
            #expect(mesh.server.paths.filter { $0 != "/gone" } == ["/one", "/two"])
        }
    }

    /// What could not be had is fetched again, though nobody sends anything; a plug-in that is gone lets its module go.
    @Test(
        arguments: [Envoy_Config_Core_V3_ApiConfigSource.ApiType.deltaGrpc, .grpc], [true, false])
    func aModuleThatComesLaterIsFetched(
        _ kind: Envoy_Config_Core_V3_ApiConfigSource.ApiType, _ isOpen: Bool
    ) async throws {
        let isThere = Mutex(false)
        let server = TestModuleServer { path in
            isThere.withLock { $0 } ? .init(body: TestModule.addingHeader("x-made", "late")) : .init(status: 404)
        }
        try await with(kind, server) { mesh in
            try await soon("the other listener answers") { mesh.answer("other")?.contains("plain") == true }
            try mesh.plug("/late", isOpen: isOpen)
            try await soon("the module is asked for again") { mesh.server.paths.count > 2 }
            if isOpen {
                try await soon("requests pass it by") { mesh.answer("plugged")?.contains("plain") == true }
            } else {
                #expect(mesh.isRefused)
                #expect(mesh.answer("plugged") == nil)
            }
            isThere.withLock { $0 = true }
            try await soon("the module's header comes") { mesh.answer("plugged")?.contains("x-made: late") == true }
            let asked = mesh.server.paths.count
            #expect(await mesh.modules.isUsed(by: "shop.plugin"))
            try mesh.unplug()
            try await soon("the module is let go") { await !mesh.modules.isUsed(by: "shop.plugin") }
            #expect(mesh.server.paths.count == asked, "a module that is there is fetched again")
        }
    }

    private func with(
        _ kind: Envoy_Config_Core_V3_ApiConfigSource.ApiType, _ modules: TestModuleServer,
        _ body: (PluggedMesh) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            try await WebServer.with { request, _ in
                modules.answer(request.path)
            } _: { server in
                let source = StaticSource()
                let service = AggregatedDiscoveryService(source: source, logger: quiet)
                let controlPlane = DiscoveryServer(
                    service, address: .ipv4(host: "127.0.0.1", port: 0), security: .plaintext,
                    authenticator: AnyPeer(), logger: quiet)
                try await withRunning([controlPlane]) {
                    let port = try #require(try await controlPlane.boundPort)
                    var settings = DiscoveryRelaySettings(address: "127.0.0.1:\(port)")
                    settings.security = .plaintext
                    settings.tokenFile = nil
                    settings.asksForNames = false
                    settings.socketPath = "\(folder.path)/xds"
                    settings.moduleBackoff = Backoff(initial: .milliseconds(100), maximum: .milliseconds(200))
                    var cache = ModuleCacheSettings()
                    cache.folder = "\(folder.path)/modules"
                    cache.fetch.requestTimeout = .seconds(600)
                    let modules = ModuleCache(cache, logger: quiet)
                    let plugins = PluginPreparation(modules, logger: quiet)
                    let relay = DiscoveryRelay(settings, plugins: plugins, logger: quiet)
                    try await withRunning([relay]) {
                        try await relay.listening()
                        let proxy = try ProxyProcess(kind, xds: settings.socketPath, sds: "\(folder.path)/sds")
                        defer { proxy.end() }
                        let mesh = PluggedMesh(
                            source: source, service: service, server: server, proxy: proxy, modules: modules)
                        try mesh.start()
                        do {
                            try await body(mesh)
                        } catch {
                            throw NotSo("\(error)\n\(server.paths)\n\(proxy.log.suffix(4000))")
                        }
                    }
                }
            }
        }
    }
}

/// Modules by path.
struct TestModuleServer: Sendable {
    let answer: @Sendable (String) -> WebServer.Answer
    init(_ answer: @escaping @Sendable (String) -> WebServer.Answer) { self.answer = answer }
}

/// Two listeners that answer themselves, one of them with a plug-in.
private struct PluggedMesh {
    let source: StaticSource
    let service: AggregatedDiscoveryService
    let server: WebServer
    let proxy: ProxyProcess
    let modules: ModuleCache

    /// Envoy answers nobody before all its first listeners are warm: the plug-in comes later.
    func start() throws {
        let other = try listener("other", isPlugged: false)
        source.update {
            $0.replace(.cluster, with: [])
            $0.replace(.listener, with: [other])
        }
    }

    func plug(_ path: String = "/one", isOpen: Bool = false) throws {
        let plugged = try listener("plugged", isPlugged: true)
        let plugin = try plugin(path, isOpen: isOpen)
        source.update {
            $0.apply(.listener, updates: [plugged])
            $0.replace(.extensionConfig, with: [plugin])
        }
    }

    func unplug() throws {
        let other = try listener("other", isPlugged: false)
        source.update { _ = $0.replace(.listener, with: [other]) }
    }

    func change(answer: String) throws {
        let other = try listener("other", isPlugged: false, answer: answer)
        source.update { _ = $0.apply(.listener, updates: [other]) }
    }

    func use(_ path: String, isOpen: Bool = false) throws {
        let plugin = try plugin(path, isOpen: isOpen)
        source.update { _ = $0.replace(.extensionConfig, with: [plugin]) }
    }

    /// Head and body; nil: nobody listens.
    func answer(_ listener: String) -> String? {
        guard let port = proxy.port(of: listener), let answer = try? Programs.curl(["http://127.0.0.1:\(port)/"]),
            answer.status == 0
        else { return nil }
        return answer.output
    }

    var isRefused: Bool {
        service.streams.connections().contains { connection in
            connection.status.types.contains { $0.typeURL == .extensionConfig && $0.state == .rejected }
        }
    }

    private func plugin(_ path: String, isOpen: Bool) throws -> Resource {
        let url = "http://127.0.0.1:\(server.port)\(path)"
        let config = try PluginResource.config(
            "shop.plugin",
            PluginResource.HTTPFilter.with { $0.config = PluginResource.plugin(url, isOpen: isOpen) })
        return Resource(name: "shop.plugin", body: try config.stableBytes())
    }

    private func listener(_ name: String, isPlugged: Bool, answer: String = "plain") throws -> Resource {
        let manager: Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager = try .with {
            $0.statPrefix = name
            $0.routeConfig.virtualHosts = [.everything { $0.answer(answer) }]
            if isPlugged {
                $0.httpFilters.append(
                    .with {
                        $0.name = "shop.plugin"
                        $0.configDiscovery.configSource.ads = .init()
                        $0.configDiscovery.configSource.resourceApiVersion = .v3
                        $0.configDiscovery.configSource.initialFetchTimeout = .init(seconds: 0)
                        $0.configDiscovery.typeUrls = [
                            PluginResource.HTTPFilter.typeURL, Envoy_Extensions_Filters_Http_Rbac_V3_RBAC.typeURL,
                        ]
                    })
            }
            $0.httpFilters.append(
                try .with {
                    $0.name = "envoy.filters.http.router"
                    $0.typedConfig = try .init(packing: Envoy_Extensions_Filters_Http_Router_V3_Router())
                })
        }
        let listener: Envoy_Config_Listener_V3_Listener = try .with {
            $0.name = name
            $0.address.socketAddress.address = "127.0.0.1"
            $0.address.socketAddress.portValue = 0
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
        return Resource(name: name, body: try listener.stableBytes())
    }
}
