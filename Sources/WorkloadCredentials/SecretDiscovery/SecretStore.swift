import AgentRuntime
import CertificateAuthority
import Logging
import Synchronization

/// The secrets that are there, and those of them that are made of files that proxies asked for.
final class SecretStore: Sendable {
    private struct State {
        var secrets: [String: SecretResource] = [:]
        /// How many streams want a secret of files.
        var wanted: [String: Int] = [:]
        var stamps: [String: FileStamp] = [:]
        var problems: [String: String] = [:]
        var followers: [UInt64: AsyncStream<Void>.Continuation] = [:]
        var next: UInt64 = 0
    }

    private let logger: Logger
    private let failed: @Sendable (any Error) -> Void
    private let state = Mutex(State())

    /// - Parameter failed: Told of files that have become of no use.
    init(logger: Logger, failed: @escaping @Sendable (any Error) -> Void) {
        self.logger = logger
        self.failed = failed
    }

    /// All that is there, by name.
    var secrets: [String: SecretResource] { state.withLock { $0.secrets } }

    /// Something has changed; only one such notice waits for a reader.
    func changes() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.next += 1
            state.followers[state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.followers.removeValue(forKey: number) }
        }
        return stream
    }

    /// The workload's identity is this one.
    func put(_ identity: WorkloadIdentity) {
        do {
            var secrets = [
                try SecretResource(name: "default", chain: identity.chainPEM, key: identity.privateKey)
            ]
            if !identity.roots.certificates.isEmpty {
                secrets.append(try SecretResource(name: "ROOTCA", roots: identity.roots))
            }
            put(secrets)
        } catch {
            logger.error("A secret cannot be encoded", metadata: ["error": "\(error)"])
        }
    }

    /// A stream wants other secrets than before.
    func change(from old: Set<String>, to new: Set<String>) {
        let added = state.withLock { state in
            for name in old.subtracting(new) where SecretName(name)?.files.isEmpty == false {
                state.wanted[name, default: 1] -= 1
                guard state.wanted[name] == 0 else { continue }
                state.wanted[name] = nil
                state.stamps[name] = nil
                state.secrets[name] = nil
                state.problems[name] = nil
            }
            let added = new.subtracting(old)
            for name in added where SecretName(name)?.files.isEmpty == false { state.wanted[name, default: 0] += 1 }
            return added
        }
        for name in added where SecretName(name) == nil {
            logger.warning(
                "The proxy asks for a secret that no agent has: it waits",
                metadata: ["secret": "\(name)", "known": "default, ROOTCA, file-cert:CERT~KEY, file-root:PATH"])
        }
        readFiles()
    }

    /// Reads the files of wanted secrets that have changed. What cannot be read is read again at the next look.
    func readFiles() {
        var news: [SecretResource] = []
        for (name, last) in state.withLock({ state in state.wanted.keys.map { ($0, state.stamps[$0]) } }) {
            guard let secret = SecretName(name) else { continue }
            let stamp = FileStamp(secret.files)
            guard stamp != last else { continue }
            do {
                if let resource = try Self.read(secret, named: name) { news.append(resource) }
                state.withLock {
                    $0.stamps[name] = stamp
                    $0.problems[name] = nil
                }
            } catch {
                let isNew = state.withLock { $0.problems.updateValue("\(error)", forKey: name) != "\(error)" }
                if isNew {
                    failed(error)
                    logger.warning(
                        "A secret's files cannot be used, what was good stays",
                        metadata: ["secret": "\(name)", "error": "\(error)"])
                }
            }
        }
        if !news.isEmpty { put(news) }
    }

    private static func read(_ secret: SecretName, named name: String) throws -> SecretResource? {
        switch secret {
        case .workload, .roots: return nil
        case .fileCertificate(let chain, let key):
            let identity = try WorkloadIdentity(
                chain: try PEMBlocks.certificates(in: try Files.text(chain)),
                privateKey: try PrivateKeyPEM(parsing: try Files.text(key)), roots: TrustBundle([]))
            return try SecretResource(name: name, chain: identity.chainPEM, key: identity.privateKey)
        case .fileRoots(let path):
            return try SecretResource(name: name, roots: try TrustBundle(parsing: try Files.text(path)))
        }
    }

    private func put(_ secrets: [SecretResource]) {
        let followers = state.withLock { state in
            for secret in secrets { state.secrets[secret.name] = secret }
            return Array(state.followers.values)
        }
        for follower in followers { follower.yield() }
    }
}
