import AgentRuntime
import Crypto
import EnvoyTesting
import Foundation
import Observability
import Synchronization
import Testing

@testable import WasmPlugins

@Suite(.timeLimit(.minutes(5))) struct ModuleCacheTests {
    private let module = TestModule.addingHeader("x-made", "here")
    private var checksum: String { SHA256.hash(data: module).hexadecimal }

    private func cache(
        _ folder: TestFolder, bytes: Int = 1 << 20, _ change: (inout ModuleCacheSettings) -> Void = { _ in }
    ) -> ModuleCache {
        var settings = ModuleCacheSettings()
        settings.folder = "\(folder.path)/modules"
        settings.fetch.backoff = Backoff(initial: .milliseconds(1), maximum: .milliseconds(1))
        settings.bytes = bytes
        change(&settings)
        return ModuleCache(settings, logger: quiet)
    }

    private func request(_ url: String, plugin: String = "p") throws -> ModuleRequest {
        var request = ModuleRequest(plugin: plugin, address: try ModuleAddress(parsing: url))
        request.timeout = .seconds(60)
        return request
    }

    private func content(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

    /// Why there is no module.
    private func problem(_ cache: ModuleCache, _ request: ModuleRequest) async -> String? {
        do throws(ModuleProblem) {
            _ = try await cache.file(for: request)
            return nil
        } catch {
            return error.description
        }
    }

    // MARK: - The web

    @Test func whoeverNeedsItItIsFetchedOnce() async throws {
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        try await withFolder { folder in
            try await WebServer.with { [module] _, _ in
                .init(body: module, after: { for await _ in gates { break } })
            } _: { server in
                let cache = self.cache(folder)
                let url = "http://127.0.0.1:\(server.port)/plugin.wasm"
                try await withThrowingTaskGroup(of: String.self) { group in
                    for number in 0..<20 {
                        let request = try request(url, plugin: "p\(number)")
                        group.addTask { try await cache.file(for: request) }
                    }
                    try await soon("it is asked for") { !server.paths.isEmpty }
                    // One that gives up takes nothing from the others.
                    let request = try request(url)
                    let impatient = Task { try await cache.file(for: request) }
                    impatient.cancel()
                    guard case .failure = await impatient.result else { throw NotSo("it was there before its time") }
                    gate.yield()
                    for try await path in group { #expect(try content(path) == module) }
                }
                #expect(server.paths == ["/plugin.wasm"])
                _ = try await cache.file(for: request(url))
                #expect(server.paths.count == 1)
                let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/modules")
                #expect(names == ["\(checksum).wasm"])
            }
        }
    }

    /// Also by those who come just when the first fetch ends.
    @Test func whatIsThereIsNotFetchedAgain() async throws {
        try await withFolder { folder in
            try await WebServer.with { request, _ in
                .init(body: TestModule.addingHeader("x", request.path))
            } _: { server in
                let cache = self.cache(folder)
                for round in 0..<20 {
                    let url = "http://127.0.0.1:\(server.port)/\(round)"
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for number in 0..<50 {
                            let request = try request(url, plugin: "p\(number)")
                            group.addTask { _ = try await cache.file(for: request) }
                        }
                        try await group.waitForAll()
                    }
                }
                #expect(server.paths == (0..<20).map { "/\($0)" })
            }
        }
    }

    /// What nobody waits for is not fetched on, and what is fetched later does not wait for it.
    @Test func whatNobodyWaitsForEndsAtOnce() async throws {
        let metrics = MetricsRegistry()
        try await withFolder { folder in
            try await WebServer.with { [module] _, before in
                var answer = WebServer.Answer(body: module)
                // Longer than any test.
                if before == 0 { answer.after = { try? await Task.sleep(for: .seconds(36_000)) } }
                return answer
            } _: { server in
                var settings = ModuleCacheSettings()
                settings.folder = "\(folder.path)/modules"
                settings.fetch.requestTimeout = .seconds(3600)
                let cache = ModuleCache(settings, logger: quiet, metrics: ModuleMetrics(metrics))
                var request = try request("http://127.0.0.1:\(server.port)/plugin.wasm")
                request.timeout = .seconds(3600)
                let waiting = Task { [request] in try await cache.file(for: request) }
                try await soon("it is asked for") { !server.paths.isEmpty }
                #expect(server.closed == 0)
                waiting.cancel()
                guard case .failure = await waiting.result else { throw NotSo("it was there before its time") }
                try await soon("nobody fetches any more") { server.closed == 1 }
                #expect(!metrics.prometheusText().contains("wasm_remote_fetch_count"), "it is nobody's failure")
                #expect(try content(await cache.file(for: request)) == module)
                #expect(server.paths.count == 2)
                let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/modules")
                #expect(names == ["\(checksum).wasm"])
                #expect(metrics.prometheusText().contains("wasm_remote_fetch_count{result=\"success\"} 1"))
                #expect(!metrics.prometheusText().contains("failure"))
                #expect(metrics.prometheusText().contains("wasm_cache_lookup_count{hit=\"false\"} 2"))
            }
        }
    }

    @Test func fetchesAreCountedByWhatBecameOfThem() async throws {
        let metrics = MetricsRegistry()
        try await withFolder { folder in
            try await WebServer.with { [module] request, _ in
                request.path == "/good" ? .init(body: module) : .init(status: 404)
            } _: { server in
                var settings = ModuleCacheSettings()
                settings.folder = "\(folder.path)/modules"
                settings.fetch.insecureHosts = ["*"]
                let cache = ModuleCache(settings, logger: quiet, metrics: ModuleMetrics(metrics))
                let base = "127.0.0.1:\(server.port)"
                #expect(await problem(cache, try request("http://\(base)/gone")) != nil)
                var wrong = try request("http://\(base)/good")
                wrong.checksum = String(repeating: "0", count: 64)
                #expect(await problem(cache, wrong) != nil)
                #expect(await problem(cache, try request("oci://\(base)/team/plugin:1")) != nil)
                let text = metrics.prometheusText()
                for result in ["download_failure", "checksum_mismatched", "manifest_failure"] {
                    #expect(text.contains("wasm_remote_fetch_count{result=\"\(result)\"} 1"), "\(text)")
                }
            }
        }
    }

    @Test func aChecksumHasToBeRight() async throws {
        let compressed = try TestArchives.gzip(module)
        try await withFolder { folder in
            try await WebServer.with { _, _ in
                .init(body: compressed)
            } _: { server in
                let cache = self.cache(folder)
                var request = try request("http://127.0.0.1:\(server.port)/a")
                request.checksum = String(repeating: "0", count: 64)
                let why = await problem(cache, request)
                #expect(why?.contains("has the SHA-256") == true, "\(why ?? "-")")
                #expect(server.paths.count == 1)
                #expect(await cache.count == 0)
                for checksum in [checksum, SHA256.hash(data: compressed).hexadecimal] {
                    request.checksum = checksum
                    #expect(try content(await cache.file(for: request)) == module)
                }
                #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/modules").count == 1)
            }
        }
    }

    @Test func whatMayPassIsTriedAgainAndWhatStaysIsNot() async throws {
        try await withFolder { folder in
            try await WebServer.with { [module] request, before in
                switch request.path {
                case "/busy": .init(status: before < 3 ? 503 : 200, body: module)
                case "/down": .init(status: 500)
                case "/page": .init(body: Array("<html>no module, and longer than four bytes</html>".utf8))
                default: .init(status: 404)
                }
            } _: { server in
                let cache = self.cache(folder) { $0.fetch.retries = 3 }
                let base = "http://127.0.0.1:\(server.port)"
                #expect(try content(await cache.file(for: request("\(base)/busy"))) == module)
                for (path, word, count) in [("/down", "500", 4), ("/gone", "404", 1), ("/page", "archive", 1)] {
                    let why = await problem(cache, try request(base + path))
                    #expect(why?.contains(word) == true, "\(why ?? "-")")
                    #expect(server.paths.count { $0 == path } == count)
                }
            }
        }
    }

    @Test func tooMuchAndTooSlowIsRefused() async throws {
        try await withFolder { folder in
            let large = module + [UInt8](repeating: 0, count: 10_000)
            try await WebServer.with { request, _ in
                var answer = WebServer.Answer(body: large)
                if request.path == "/slow" { answer.after = { try? await Task.sleep(for: .seconds(600)) } }
                return answer
            } _: { server in
                let cache = self.cache(folder) { $0.fetch.downloadBytes = 5000 }
                let base = "http://127.0.0.1:\(server.port)"
                let large = await problem(cache, try request("\(base)/large"))
                #expect(large?.contains("more than 5000 bytes") == true, "\(large ?? "-")")
                var slow = try request("\(base)/slow")
                slow.timeout = .milliseconds(200)
                let why = await problem(cache, slow)
                #expect(why?.contains("not there within") == true, "\(why ?? "-")")
                #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/modules").isEmpty)
            }
        }
    }

    @Test func serversHaveToProveWhoTheyAre() async throws {
        let identity = try TestAuthority().server(["modules.test"])
        try await withFolder { folder in
            let root = try folder.write(identity.root, to: "root.pem")
            try await WebServer.with(identity: identity) { [module] _, _ in
                .init(body: module)
            } _: { server in
                let url = "https://modules.test:\(server.port)/a"
                func fetch(_ change: (inout ModuleFetchSettings) -> Void) async throws -> String? {
                    let cache = self.cache(folder) {
                        $0.fetch.hosts = ["modules.test": "127.0.0.1", "other.test": "127.0.0.1"]
                        change(&$0.fetch)
                    }
                    return await problem(cache, try request(url))
                }
                let unknown = try await fetch { _ in }
                #expect(unknown != nil)
                let known = try await fetch { $0.rootFile = root }
                #expect(known == nil)
                for host in ["modules.test", "modules.test:\(server.port)", "*"] {
                    let careless = try await fetch { $0.insecureHosts = [host] }
                    #expect(careless == nil)
                }
                let other = try await fetch { $0.insecureHosts = ["other.test"] }
                #expect(other != nil)
                // Its certificate has another name.
                let strict = self.cache(folder) {
                    $0.fetch.hosts = ["other.test": "127.0.0.1"]
                    $0.fetch.rootFile = root
                }
                let misnamed = await problem(strict, try request("https://other.test:\(server.port)/a"))
                #expect(misnamed != nil)
            }
        }
    }

    // MARK: - What is kept

    @Test func whatNobodyUsesMakesRoom() async throws {
        try await withFolder { folder in
            try await WebServer.with { request, _ in
                .init(body: TestModule.addingHeader("x", request.path))
            } _: { server in
                let size = TestModule.addingHeader("x", "/a").count
                let cache = self.cache(folder, bytes: 2 * size)
                let base = "http://127.0.0.1:\(server.port)"
                // The plug-in's first module is not used any more when it has the second.
                let first = try await cache.file(for: request("\(base)/a"))
                let second = try await cache.file(for: request("\(base)/b"))
                let third = try await cache.file(for: request("\(base)/c", plugin: "q"))
                #expect(await cache.count == 2)
                #expect(!FileManager.default.fileExists(atPath: first))
                #expect(FileManager.default.fileExists(atPath: second))
                #expect(FileManager.default.fileExists(atPath: third))
                _ = try await cache.file(for: request("\(base)/a"))
                #expect(server.paths == ["/a", "/b", "/c", "/a"])
            }
        }
    }

    @Test func whatNobodyUsesForLongIsTakenAway() async throws {
        try await withFolder { folder in
            try await WebServer.with { request, _ in
                .init(body: TestModule.addingHeader("x", request.path))
            } _: { server in
                let cache = self.cache(folder) {
                    $0.expiry = .zero
                    $0.purgeInterval = .milliseconds(1)
                }
                let base = "http://127.0.0.1:\(server.port)"
                try await withRunning([cache]) {
                    let old = try await cache.file(for: request("\(base)/a"))
                    let new = try await cache.file(for: request("\(base)/b"))
                    try await soon("the old one is gone") { !FileManager.default.fileExists(atPath: old) }
                    #expect(FileManager.default.fileExists(atPath: new))
                    await cache.release("p")
                    try await soon("the other one is gone, too") { await cache.count == 0 }
                }
            }
        }
    }
}
