import AgentRuntime
import EnvoyTesting
import Foundation
import Testing

@testable import WasmPlugins

@Suite(.timeLimit(.minutes(5))) struct RegistryTests {
    private static let module = TestModule.addingHeader("x-made", "here")

    /// Runs a registry, and a cache that may talk to it without TLS.
    private func with(
        _ registry: TestRegistry,
        _ body: (WebServer, ModuleCache, (String) throws -> ModuleRequest) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            try await WebServer.with { request, _ in
                let port = request.headers["host"]?.split(separator: ":").last.flatMap { Int($0) } ?? 0
                return registry.answer(request, port: port)
            } _: { server in
                var settings = ModuleCacheSettings()
                settings.folder = "\(folder.path)/modules"
                settings.fetch.backoff = Backoff(initial: .milliseconds(1), maximum: .milliseconds(1))
                settings.fetch.retries = 1
                settings.fetch.insecureHosts = ["127.0.0.1:\(server.port)"]
                try await body(server, ModuleCache(settings, logger: quiet)) { reference in
                    let address = "oci://127.0.0.1:\(server.port)/team/plugin\(reference)"
                    return ModuleRequest(plugin: "p", address: try ModuleAddress(parsing: address))
                }
            }
        }
    }

    private func problem(_ cache: ModuleCache, _ request: ModuleRequest) async -> String {
        do throws(ModuleProblem) { return try await cache.file(for: request) } catch { return error.description }
    }

    enum Variant: CaseIterable {
        case docker, compatible, artifact, wasm

        func registry() throws -> TestRegistry {
            let archive = try TestArchives.gzip(TestArchives.tar([("plugin.wasm", RegistryTests.module)]))
            let base = try TestArchives.gzip(TestArchives.tar([("etc/os-release", [1, 2, 3])]))
            switch self {
            case .docker:
                var registry = TestRegistry(
                    layers: [.init(mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip", content: archive)])
                registry.manifestType = "application/vnd.docker.distribution.manifest.v2+json"
                return registry
            case .compatible:
                let type = "application/vnd.oci.image.layer.v1.tar+gzip"
                return TestRegistry(
                    layers: [
                        .init(mediaType: type, content: archive), .init(mediaType: type, content: base),
                    ])
            case .artifact:
                return TestRegistry(
                    layers: [
                        .init(mediaType: "application/vnd.module.wasm.content.layer.v1+wasm", content: module),
                        .init(mediaType: "application/vnd.module.wasm.config.v1+json", content: [1]),
                    ])
            case .wasm: return TestRegistry(layers: [.init(mediaType: "application/wasm", content: module)])
            }
        }
    }

    @Test(arguments: Variant.allCases, [false, true])
    func imagesOfEveryKindArePulled(_ variant: Variant, hasIndex: Bool) async throws {
        var registry = try variant.registry()
        registry.hasIndex = hasIndex
        try await with(registry) { server, cache, request in
            let path = try await cache.file(for: request(":1"))
            #expect(Array(try Data(contentsOf: URL(fileURLWithPath: path))) == Self.module)
            let count = server.paths.count
            #expect(try await cache.file(for: request(":1")) == path)
            #expect(server.paths.count == count)
        }
    }

    @Test func privateImagesNeedTheirSecret() async throws {
        var registry = try Variant.artifact.registry()
        registry.user = "me:se:cret"
        try await with(registry) { server, cache, request in
            let without = await problem(cache, try request(":1"))
            #expect(without.contains("401") && without.contains("127.0.0.1"), "\(without)")
            var asked = try request(":1")
            func secret(_ pair: String) throws -> RegistryCredentials {
                let text = Data(pair.utf8).base64EncodedString()
                return try RegistryCredentials(
                    dockerConfig: "{\"auths\":{\"http://127.0.0.1:\(server.port)\":{\"auth\":\"\(text)\"}}}")
            }
            asked.credentials = try secret("me:wrong-one")
            let wrong = await problem(cache, asked)
            #expect(wrong.contains("401"))
            #expect(!wrong.contains("wrong-one"))
            asked.credentials = try secret("me:se:cret")
            #expect(await problem(cache, asked).hasSuffix(".wasm"))
            // The password goes to who gives tokens alone.
            for found in server.requests where found.headers["authorization"]?.hasPrefix("Basic") == true {
                #expect(found.path.hasPrefix("/token?service=test&scope=repository:team/plugin:pull"))
            }
        }
    }

    @Test func imagesThatMayChangeAreLookedAtForEachVersionOfThePlugin() async throws {
        try await with(try Variant.docker.registry()) { server, cache, request in
            func blobs() -> Int { server.paths.count { $0.contains("/blobs/") } }
            var latest = try request("")
            latest.version = "1"
            let path = try await cache.file(for: latest)
            #expect(server.paths.count == 2)
            #expect(try await cache.file(for: latest) == path)
            #expect(server.paths.count == 2)
            latest.version = "2"
            #expect(try await cache.file(for: latest) == path)
            #expect(server.paths.count == 3)
            #expect(blobs() == 1)
            // The policy says otherwise, one way and the other.
            latest.version = "3"
            latest.policy = .ifNotPresent
            #expect(try await cache.file(for: latest) == path)
            #expect(server.paths.count == 3)
            var tagged = try request(":1")
            tagged.policy = .always
            tagged.version = "1"
            #expect(try await cache.file(for: tagged) == path)
            tagged.version = "2"
            #expect(try await cache.file(for: tagged) == path)
            #expect(server.paths.count == 5)
            #expect(blobs() == 1)
        }
    }

    @Test func theDigestHasToBeRight() async throws {
        let registry = try Variant.compatible.registry()
        let digest = TestRegistry.digest(registry.manifest)
        try await with(registry) { _, cache, request in
            #expect(try await problem(cache, request("@\(digest)")).hasSuffix(".wasm"))
            let other = "sha256:\(String(repeating: "1", count: 64))"
            #expect(try await problem(cache, request("@\(other)")).contains("another manifest"))
            var asked = try request(":1")
            asked.checksum = String(repeating: "1", count: 64)
            #expect(await problem(cache, asked).contains("has the digest \(digest)"))
            asked.checksum = String(digest.dropFirst("sha256:".count))
            #expect(await problem(cache, asked).hasSuffix(".wasm"))
        }
        var corrupt = registry
        corrupt.isCorrupt = true
        try await with(corrupt) { server, cache, request in
            let why = await problem(cache, try request(":1"))
            #expect(why.contains("came with the digest"), "\(why)")
            #expect(await cache.count == 0)
        }
    }

    @Test func anImageWithoutAModuleIsRefused() async throws {
        let layer = TestRegistry.Layer(
            mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
            content: try TestArchives.gzip(TestArchives.tar([("other.wasm", Self.module)])))
        try await with(TestRegistry(layers: [layer])) { _, cache, request in
            let why = await problem(cache, try request(":1"))
            #expect(why.contains("no plugin.wasm"))
        }
    }

    /// Without being told to be careless the agent speaks to no registry in plain text.
    @Test func plainTextHasToBeAllowed() async throws {
        let registry = try Variant.wasm.registry()
        try await withFolder { folder in
            try await WebServer.with { request, _ in
                registry.answer(request, port: 0)
            } _: { server in
                var settings = ModuleCacheSettings()
                settings.folder = folder.path + "/modules"
                settings.fetch.retries = 0
                let cache = ModuleCache(settings, logger: quiet)
                let address = "oci://127.0.0.1:\(server.port)/team/plugin:1"
                let request = ModuleRequest(plugin: "p", address: try ModuleAddress(parsing: address))
                #expect(await problem(cache, request).contains("cannot be reached"))
                #expect(server.paths.isEmpty)
            }
        }
    }
}
