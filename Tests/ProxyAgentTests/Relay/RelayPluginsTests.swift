import AgentRuntime
import DiscoveryAPI
import DiscoveryServer
import EnvoyAPI
import EnvoyTesting
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import SwiftProtobuf
import Testing
import XDSServer

@testable import WasmPlugins
@testable import XDSRelay

/// Plug-ins of a proxy, over real gRPC: what becomes of one is nothing to the others.
@Suite(.timeLimit(.minutes(5))) struct RelayPluginsTests {
    private typealias Request = Envoy_Service_Discovery_V3_DeltaDiscoveryRequest

    private let module = TestModule.addingHeader("x-made", "here")

    @Test func aModuleThatNeverComesStopsNoOther() async throws {
        try await with { [module] request, before in
            request.path == "/late" && before > 1 ? .init(body: module) : .init(status: 404)
        } _: { mesh, stub in
            let (requests, ask) = AsyncStream.makeStream(of: Request.self)
            try mesh.plug("never", "/never")
            try mesh.plug("late", "/late", isOpen: true)
            ask.yield(
                .with {
                    $0.node.id = "proxy"
                    $0.typeURL = TypeURL.extensionConfig.rawValue
                    $0.resourceNamesSubscribe = ["never"]
                })
            try await stub.deltaAggregatedResources { writer in
                for await request in requests { try await writer.write(request) }
            } onResponse: { response in
                defer { ask.finish() }
                // By itself: each comes in a response of its own.
                try await soon("the first is asked for") { mesh.web.paths.contains("/never") }
                ask.yield(
                    .with {
                        $0.typeURL = TypeURL.extensionConfig.rawValue
                        $0.resourceNamesSubscribe = ["late"]
                    })
                var wasOpen = false
                for try await message in response.messages {
                    ask.yield(
                        .with {
                            $0.typeURL = message.typeURL
                            $0.responseNonce = message.nonce
                        })
                    guard let resource = message.resources.first else { continue }
                    #expect(message.resources.map(\.name) == ["late"])
                    if PluginPreparation.isOpen(resource) {
                        wasOpen = true
                        continue
                    }
                    let config = try Envoy_Config_Core_V3_TypedExtensionConfig(unpackingAny: resource.resource)
                    let filter = try PluginResource.HTTPFilter(unpackingAny: config.typedConfig)
                    #expect(!filter.config.vmConfig.code.local.filename.isEmpty)
                    break
                }
                #expect(wasOpen)
                #expect(await mesh.modules.isUsed(by: "late"))
            }
        }
    }

    @Test func theModuleOfAPluginThatIsGivenUpMeanwhileIsLetGo() async throws {
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        try await with { [module] _, _ in
            .init(body: module, after: { for await _ in gates {} })
        } _: { mesh, stub in
            let (requests, ask) = AsyncStream.makeStream(of: Request.self)
            try mesh.plug("tried", "/held")
            ask.yield(
                .with {
                    $0.node.id = "proxy"
                    $0.typeURL = TypeURL.extensionConfig.rawValue
                    $0.resourceNamesSubscribe = ["tried"]
                })
            try await stub.deltaAggregatedResources { writer in
                for await request in requests { try await writer.write(request) }
            } onResponse: { response in
                defer { ask.finish() }
                try await soon("the module is asked for") { !mesh.web.paths.isEmpty }
                ask.yield(
                    .with {
                        $0.typeURL = TypeURL.extensionConfig.rawValue
                        $0.resourceNamesUnsubscribe = ["tried"]
                    })
                // Requests are taken in their order: when this is answered, that has been heard.
                ask.yield(.with { $0.typeURL = TypeURL.cluster.rawValue })
                var responses = response.messages.makeAsyncIterator()
                #expect(try await responses.next()?.typeURL == TypeURL.cluster.rawValue)
                gate.finish()
                #expect(try await responses.next()?.typeURL == TypeURL.extensionConfig.rawValue)
                #expect(await mesh.modules.count == 1)
                try await soon("the module is let go") { await !mesh.modules.isUsed(by: "tried") }
            }
        }
    }

    /// A proxy that is gone waits for no module.
    @Test func aFetchEndsWithTheStreamThatNeedsIt() async throws {
        try await with { _, _ in
            WebServer.Answer(after: { try? await Task.sleep(for: .seconds(36_000)) })
        } _: { mesh, stub in
            let (requests, ask) = AsyncStream.makeStream(of: Request.self)
            try mesh.plug("slow", "/slow")
            ask.yield(
                .with {
                    $0.node.id = "proxy"
                    $0.typeURL = TypeURL.extensionConfig.rawValue
                    $0.resourceNamesSubscribe = ["slow"]
                })
            try await stub.deltaAggregatedResources { writer in
                for await request in requests { try await writer.write(request) }
            } onResponse: { response in
                defer { ask.finish() }
                try await soon("it is asked for") { mesh.web.paths.contains("/slow") }
                #expect(mesh.web.closed == 0)
                ask.finish()
                for try await _ in response.messages {}
            }
            try await soon("nobody fetches any more") { mesh.web.closed == 1 }
        }
    }

    private struct Mesh: Sendable {
        let source: StaticSource
        let web: WebServer
        let modules: ModuleCache

        func plug(_ name: String, _ path: String, isOpen: Bool = false) throws {
            let plugin = PluginResource.plugin("http://127.0.0.1:\(web.port)\(path)", isOpen: isOpen)
            let config = try PluginResource.config(name, PluginResource.HTTPFilter.with { $0.config = plugin })
            let resource = Resource(name: name, body: try config.stableBytes())
            source.update { _ = $0.apply(.extensionConfig, updates: [resource]) }
        }
    }

    private func with(
        _ answers: @escaping @Sendable (WebServer.Request, Int) -> WebServer.Answer,
        _ body: @Sendable @escaping (Mesh, ControlPlaneStub) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            try await WebServer.with(answers) { web in
                let source = StaticSource(ResourceCache([.cluster: ResourceSnapshot([.model("c", "1")])]))
                let service = AggregatedDiscoveryService(source: source, logger: quiet)
                let server = DiscoveryServer(service, address: .ipv4(host: "127.0.0.1", port: 0), logger: quiet)
                try await withRunning([server]) {
                    var settings = DiscoveryRelaySettings(address: "127.0.0.1:\(try await server.boundPort ?? 0)")
                    settings.security = .plaintext
                    settings.tokenFile = nil
                    settings.socketPath = "\(folder.path)/xds"
                    settings.asksForNames = false
                    settings.moduleBackoff = Backoff(initial: .milliseconds(50), maximum: .milliseconds(100))
                    var cache = ModuleCacheSettings()
                    cache.folder = "\(folder.path)/modules"
                    cache.fetch.requestTimeout = .seconds(600)
                    let modules = ModuleCache(cache, logger: quiet)
                    let relay = DiscoveryRelay(
                        settings, plugins: PluginPreparation(modules, logger: quiet), logger: quiet)
                    try await withRunning([relay]) {
                        try await relay.listening()
                        let transport = try HTTP2ClientTransport.Posix(
                            target: .unixDomainSocket(path: settings.socketPath), transportSecurity: .plaintext)
                        try await withGRPCClient(transport: transport) { client in
                            let mesh = Mesh(source: source, web: web, modules: modules)
                            try await body(mesh, ControlPlaneStub(wrapping: client))
                        }
                    }
                }
            }
        }
    }
}
