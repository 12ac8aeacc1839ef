import AgentRuntime
import AsyncHTTPClient
import Crypto
import Glibc
import NIOCore

/// Fetches modules into a folder.
struct ModuleFetch: Sendable {
    /// A module in a file of its own.
    struct Fetched: Hashable, Sendable {
        var path: String
        /// The module's SHA-256.
        var checksum: String
        var bytes: Int
        /// What came, which may be compressed or an archive.
        var downloadChecksum: String
        /// By which an image is known.
        var digests: [String] = []
    }

    enum Outcome: Hashable, Sendable {
        case new(Fetched)
        /// It is the image of this digest, which is there already.
        case known(String)
    }

    let settings: ModuleFetchSettings
    let folder: String

    /// Fetches a module, with all tries.
    ///
    /// - Parameter known: Digests of images that are there.
    func module(for request: ModuleRequest, known: Set<String>) async throws(ModuleProblem) -> Outcome {
        var last: ModuleProblem?
        do {
            return try await within(request.timeout) {
                var failures = 0
                while true {
                    do {
                        return try await attempt(request, known)
                    } catch let problem as ModuleProblem
                        where problem.isWorthAnotherTry && failures < settings.retries
                    {
                        failures += 1
                        let delay = settings.backoff.delay(afterFailures: failures, random: .random(in: 0..<1))
                        try await Task.sleep(for: delay)
                    }
                }
            }
        } catch let problem as ModuleProblem {
            last = problem
        } catch is CancellationError {
            last = nil
        } catch {
            last = ModuleProblem("\(error)", .passing)
        }
        throw last ?? ModuleProblem("it was not there within \(request.timeout)", .passing)
    }

    private func attempt(_ request: ModuleRequest, _ known: Set<String>) async throws -> Outcome {
        let trustsAnybody = settings.trustsAnybody(at: request.address.authority)
        return try await WebClient.with(settings, trustsAnybody: trustsAnybody) { client in
            switch request.address {
            case .web(let address): .new(try await fetch(address, request.checksum, client))
            case .image(let image): try await fetch(image, request, known, client)
            }
        }
    }

    private func fetch(_ address: WebAddress, _ checksum: String?, _ client: WebClient) async throws -> Fetched {
        let response = try await client.get(address)
        if let problem = response.problem(at: address) { throw problem }
        guard let fetched = try await save(response, .any, from: "\(address.shown)") else {
            throw ModuleProblem("\(address.shown) is an archive without a file that ends in .wasm")
        }
        if let checksum, checksum != fetched.checksum, checksum != fetched.downloadChecksum {
            unlink(fetched.path)
            throw ModuleProblem(
                "\(address.shown) has the SHA-256 \(fetched.downloadChecksum), not \(checksum)", stage: .checksum)
        }
        return fetched
    }

    private func fetch(
        _ image: ImageReference, _ request: ModuleRequest, _ known: Set<String>, _ client: WebClient
    ) async throws -> Outcome {
        var session = RegistrySession(image, request.credentials, client)
        let (layers, digests) = try await Self.manifest { try await session.layers() }
        if let checksum = request.checksum, !digests.contains("sha256:\(checksum)") {
            throw ModuleProblem(
                "image \(image) has the digest \(digests.first ?? ""), not sha256:\(checksum)", stage: .checksum)
        }
        if let digest = digests.first(where: known.contains) { return .known(digest) }
        for layer in ImageManifest.candidates(layers) {
            guard layer.bytes <= settings.downloadBytes else {
                throw ModuleProblem("image \(image) has a layer of \(layer.bytes) bytes")
            }
            let response = try await session.layer(layer)
            guard var fetched = try await save(response, .plugin, from: "image \(image)", digest: layer.digest) else {
                continue
            }
            fetched.digests = digests
            return .new(fetched)
        }
        throw ModuleProblem("image \(image) has no plugin.wasm", stage: .manifest)
    }

    /// Runs what finds out of what an image consists.
    private static func manifest<Value>(_ find: () async throws -> Value) async throws -> Value {
        do {
            return try await find()
        } catch var problem as ModuleProblem {
            problem.stage = .manifest
            throw problem
        }
    }

    /// Writes the module that is in an answer to a file. Nil: there is none in the archive that it is.
    ///
    /// - Parameter digest: That the answer has to have.
    private func save(
        _ response: HTTPClientResponse, _ wanted: ModuleExtractor.Wanted, from place: String, digest: String? = nil
    ) async throws -> Fetched? {
        let path = "\(folder)/fetching-\(String(UInt64.random(in: .min ... .max), radix: 16))"
        do {
            let file = try ModuleFile(path, limit: settings.moduleBytes)
            var extractor = ModuleExtractor(wanted, limit: settings.moduleBytes)
            var hash = SHA256()
            var bytes = 0
            do {
                for try await buffer in response.body {
                    let part = Array(buffer.readableBytesView)[...]
                    bytes += part.count
                    guard bytes <= settings.downloadBytes else {
                        throw ModuleProblem("it has more than \(settings.downloadBytes) bytes")
                    }
                    part.withUnsafeBytes { hash.update(bufferPointer: $0) }
                    try extractor.take(part) { module throws(ModuleProblem) in try file.write(module) }
                }
            } catch let problem as ModuleProblem {
                throw problem
            } catch {
                if Task.isCancelled { throw CancellationError() }
                throw ModuleProblem("it broke off: \(error)", .passing)
            }
            let checksum = hash.finalize().hexadecimal
            if let digest, digest != "sha256:\(checksum)" {
                throw ModuleProblem(
                    "a layer came with the digest sha256:\(checksum), not \(digest)", .passing, stage: .checksum)
            }
            guard try extractor.finish() else {
                unlink(path)
                return nil
            }
            return Fetched(
                path: path, checksum: try file.finish(), bytes: file.bytes, downloadChecksum: checksum)
        } catch let problem as ModuleProblem {
            unlink(path)
            throw ModuleProblem(
                "\(place) cannot be used: \(problem.description)", problem.nature, stage: problem.stage)
        } catch {
            unlink(path)
            throw error
        }
    }

    /// Cancels the work when the time is over.
    private func within<Value: Sendable>(
        _ limit: Duration, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask(operation: work)
            group.addTask {
                try await Task.sleep(for: limit)
                throw ModuleProblem("it was not there within \(limit)", .passing)
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }
}
