import AgentRuntime
package import CertificateAuthority
package import Logging
import ServiceLifecycle
import Synchronization

/// Keeps a workload's certificate, key and roots new, and tells who follows.
///
/// ```
///   authority: key ─► request ─► CA ─► chain ─┐
///   files:     cert-chain.pem, key.pem ───────┼─► current ─► followers, the output folder
///   roots:     the chain's, the mesh's file, the trust bundle of the control plane
/// ```
///
/// What is there is kept until something better has come.
package final class WorkloadCertificates: Service {
    private struct State {
        /// With the roots that it came with.
        var obtained: WorkloadIdentity?
        /// With all roots.
        var current: WorkloadIdentity?
        /// The mesh's, from its file.
        var fileRoots = TrustBundle([])
        /// Those that the control plane told of.
        var toldRoots = TrustBundle([])
        var followers: [UInt64: AsyncStream<WorkloadIdentity>.Continuation] = [:]
        var next: UInt64 = 0
        /// The certificate is to be replaced before its time.
        var wantsRenewal = false
    }

    /// Where certificates come from.
    package let source: CertificateSource
    let settings: WorkloadCertificateSettings
    let metrics: CertificateMetrics
    let logger: Logger
    private let state = Mutex(State())

    /// Looks at the file system to find out what the source is; obtains nothing yet.
    package init(
        _ settings: WorkloadCertificateSettings, logger: Logger = Logger(label: "certificates"),
        metrics: CertificateMetrics = CertificateMetrics()
    ) {
        self.settings = settings
        self.logger = logger
        self.metrics = metrics
        source = settings.detectedSource()
    }

    /// What counts now; nil: nothing has been obtained yet.
    package var current: WorkloadIdentity? { state.withLock { $0.current } }

    /// What counts now, if there is something, and all that comes later; only the newest waits for a reader.
    package func updates() -> AsyncStream<WorkloadIdentity> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: WorkloadIdentity.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.next += 1
            state.followers[state.next] = continuation
            if let current = state.current { continuation.yield(current) }
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.followers.removeValue(forKey: number) }
        }
        return stream
    }

    /// The first identity, waited for; nil: there is none within that time.
    package func first(within limit: Duration) async -> WorkloadIdentity? {
        await withTaskGroup(of: WorkloadIdentity?.self) { group in
            group.addTask {
                for await identity in self.updates() { return identity }
                return nil
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    /// Obtains, watches and renews until the service ends.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.watchRoots() }
                switch self.source {
                case .authority: group.addTask { await self.renewFromAuthority() }
                case .files(let folder): group.addTask { await self.watchFiles(CertificateFiles(folder)) }
                case .externalSocket:
                    self.logger.info(
                        "Another program serves the certificates", metadata: ["socket": "\(self.settings.socketPath)"])
                }
            }
        }
    }

    /// A certificate has come.
    func obtain(_ identity: WorkloadIdentity) {
        publish {
            $0.obtained = identity
            $0.wantsRenewal = false
        }
        logger.info("Certificate obtained", metadata: ["until": "\(identity.notAfter)"])
    }

    /// The mesh's file holds these roots.
    func setFileRoots(_ roots: TrustBundle) {
        publish { state in
            let isChange = !state.fileRoots.certificates.isEmpty && state.fileRoots != roots
            state.fileRoots = roots
            guard isChange, let obtained = state.obtained else { return }
            // What the mesh says now is newer than what came with the certificate; unless the certificate hangs on a
            // root that the mesh gives up: then it is time for another certificate.
            if obtained.ends(at: roots) { state.obtained?.roots = TrustBundle([]) } else { state.wantsRenewal = true }
        }
    }

    /// Whether the mesh's file has been read.
    var hasReadRoots: Bool { state.withLock { !$0.fileRoots.certificates.isEmpty } }

    /// Whether the certificate is to be replaced before its time.
    var wantsRenewal: Bool { state.withLock { $0.wantsRenewal } }

    /// The control plane told which roots count.
    package func setToldRoots(_ roots: TrustBundle) { publish { $0.toldRoots = roots } }

    private func publish(_ change: (inout State) -> Void) {
        let published = state.withLock { state -> (WorkloadIdentity, [AsyncStream<WorkloadIdentity>.Continuation])? in
            change(&state)
            guard var identity = state.obtained else { return nil }
            identity.roots = identity.roots.merged(with: state.fileRoots).merged(with: state.toldRoots)
            guard identity != state.current else { return nil }
            state.current = identity
            return (identity, Array(state.followers.values))
        }
        guard let (identity, followers) = published else { return }
        write(identity)
        for follower in followers { follower.yield(identity) }
    }

    private func write(_ identity: WorkloadIdentity) {
        guard let folder = settings.outputFolder else { return }
        let files = CertificateFiles(folder)
        do {
            Files.makeFolder(folder)
            try Files.replace(files.key, with: Array(identity.privateKey.revealed.utf8), mode: settings.outputKeyMode)
            try Files.replace(files.chain, with: Array(identity.chainPEM.utf8), mode: 0o644)
            try Files.replace(files.root, with: Array(identity.roots.pem.utf8), mode: 0o644)
        } catch {
            logger.warning("Certificates were not written for others to read", metadata: ["error": "\(error)"])
        }
    }
}
