import AgentRuntime
import Glibc
package import Logging
import ServiceLifecycle

/// Keeps the modules of this proxy's plug-ins on disk.
///
/// ```
///  request ─► known address ─────────────────────────────► file
///          └► somebody fetches it already ─► wait ───────► file
///          └► fetch ─► verified ─► <SHA-256>.wasm ───────► file
/// ```
/// A module is fetched once, whoever needs it. One that a plug-in uses stays, for the proxy reads the file again when
/// its listeners change.
package actor ModuleCache: Service {
    private struct Key: Hashable {
        var address: ModuleAddress
        var checksum: String?
        /// Who may not fetch a module is not given one that others have fetched.
        var credentials: RegistryCredentials?
    }

    private struct Module {
        var path: String
        var bytes: Int
        var lastUse = ContinuousClock.now
    }

    private struct Known {
        /// The module's SHA-256.
        var checksum: String
        /// Of plug-ins, for which the module counts as new.
        var versions: [String: String] = [:]
    }

    private let settings: ModuleCacheSettings
    private let metrics: ModuleMetrics
    private let logger: Logger
    private var isPrepared = false
    private var modules: [String: Module] = [:]
    private var known: [Key: Known] = [:]
    /// By the digests of the images that they came in.
    private var images: [String: String] = [:]
    /// The module of each plug-in.
    private var used: [String: String] = [:]
    private let runs = SharedRuns<Key, Result<String, ModuleProblem>>()

    /// A cache that is empty: what an agent before this one left is taken away at the first use.
    package init(
        _ settings: ModuleCacheSettings = ModuleCacheSettings(), logger: Logger = Logger(label: "wasm"),
        metrics: ModuleMetrics = ModuleMetrics()
    ) {
        self.settings = settings
        self.logger = logger
        self.metrics = metrics
    }

    /// How many modules are kept.
    package var count: Int { modules.count }

    /// Takes away what nobody uses, from time to time, until the service ends.
    package func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: self.settings.purgeInterval)
                await self.purge()
            }
        }
    }

    /// The path of a module, fetched if it is not there.
    ///
    /// Whoever waits may give up; with the last of them the fetch ends.
    package func file(for request: ModuleRequest) async throws(ModuleProblem) -> String {
        let key = Key(address: request.address, checksum: request.checksum, credentials: request.credentials)
        if let path = kept(request, key) {
            metrics.countLookup(isHit: true)
            return path
        }
        metrics.countLookup(isHit: false)
        let checksum = try await fetched(request, key)
        known[key]?.versions[request.plugin] = request.version
        guard let module = modules[checksum] else {
            throw ModuleProblem("the module was taken away again: there is no room for it", .passing)
        }
        use(checksum, for: request.plugin)
        return module.path
    }

    /// The checksum of the module, of the fetch that runs already or of one that begins.
    private nonisolated func fetched(_ request: ModuleRequest, _ key: Key) async throws(ModuleProblem) -> String {
        let result: Result<String, ModuleProblem>
        do {
            result = try await runs.value(for: key) { await self.fetch(request, key) }
        } catch {
            throw ModuleProblem("nobody waits for it any more", .passing)
        }
        return try result.get()
    }

    /// A plug-in is gone.
    package func release(_ plugin: String) { used[plugin] = nil }

    /// There are no other plug-ins than these.
    package func keep(_ plugins: Set<String>) { used = used.filter { plugins.contains($0.key) } }

    /// Whether a module stays because a plug-in uses it.
    func isUsed(by plugin: String) -> Bool { used[plugin] != nil }

    private func kept(_ request: ModuleRequest, _ key: Key) -> String? {
        guard let found = known[key], let module = modules[found.checksum] else { return nil }
        if request.isAlwaysPulled, found.versions[request.plugin] != request.version { return nil }
        guard Files.exists(module.path) else {
            forget(found.checksum)
            return nil
        }
        use(found.checksum, for: request.plugin)
        return module.path
    }

    private func use(_ checksum: String, for plugin: String) {
        modules[checksum]?.lastUse = .now
        used[plugin] = checksum
    }

    private func fetch(_ request: ModuleRequest, _ key: Key) async -> Result<String, ModuleProblem> {
        prepare()
        // Another fetch may have ended since somebody looked.
        if kept(request, key) != nil, let found = known[key] { return .success(found.checksum) }
        let fetch = ModuleFetch(settings: settings.fetch, folder: settings.folder)
        do throws(ModuleProblem) {
            let checksum: String
            switch try await fetch.module(for: request, known: Set(images.keys)) {
            case .known(let digest):
                guard let found = images[digest] else { throw ModuleProblem("it was taken away", .passing) }
                checksum = found
            case .new(let fetched):
                try keep(fetched)
                checksum = fetched.checksum
            }
            metrics.countFetch(failed: nil)
            known[key] = Known(checksum: checksum, versions: [request.plugin: request.version])
            // At once: what nobody uses may be taken away before those who wait get to it.
            use(checksum, for: request.plugin)
            return .success(checksum)
        } catch {
            // That nobody wants it any more is nobody's failure.
            if !Task.isCancelled { metrics.countFetch(failed: error.stage) }
            return .failure(error)
        }
    }

    private func keep(_ fetched: ModuleFetch.Fetched) throws(ModuleProblem) {
        let path = "\(settings.folder)/\(fetched.checksum).wasm"
        guard rename(fetched.path, path) == 0 else {
            unlink(fetched.path)
            throw ModuleProblem("\(FileProblem("write", path))", .passing)
        }
        modules[fetched.checksum] = Module(path: path, bytes: fetched.bytes)
        for digest in fetched.digests { images[digest] = fetched.checksum }
        makeRoom(but: fetched.checksum)
        metrics.set(entries: modules.count)
        logger.info(
            "A WebAssembly module was fetched", metadata: ["path": "\(path)", "bytes": "\(fetched.bytes)"])
    }

    // MARK: - What goes

    private func prepare() {
        guard !isPrepared else { return }
        isPrepared = true
        Files.makeFolder(settings.folder)
        for name in Files.names(in: settings.folder) { unlink("\(settings.folder)/\(name)") }
    }

    private func purge() {
        let inUse = Set(used.values)
        for (checksum, module) in modules where !inUse.contains(checksum) {
            if ContinuousClock.now - module.lastUse >= settings.expiry { forget(checksum) }
        }
    }

    /// The least used first, and those that plug-ins use last.
    private func makeRoom(but kept: String) {
        let inUse = Set(used.values)
        var bytes = modules.values.reduce(0) { $0 + $1.bytes }
        let order = modules.filter { $0.key != kept }.sorted { left, right in
            let (leftUsed, rightUsed) = (inUse.contains(left.key), inUse.contains(right.key))
            return leftUsed == rightUsed ? left.value.lastUse < right.value.lastUse : rightUsed
        }
        for (checksum, module) in order where bytes > settings.bytes {
            bytes -= module.bytes
            forget(checksum)
        }
    }

    private func forget(_ checksum: String) {
        guard let module = modules.removeValue(forKey: checksum) else { return }
        unlink(module.path)
        known = known.filter { $0.value.checksum != checksum }
        images = images.filter { $0.value != checksum }
        metrics.set(entries: modules.count)
    }
}
