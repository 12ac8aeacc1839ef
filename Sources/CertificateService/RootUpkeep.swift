import CertificateAuthority
import ControllerRuntime
package import FoundationEssentials
package import KubernetesClient
import KubernetesModel
package import Logging
import X509

/// Keeps a replica's authority equal to what the Secrets `cacerts` and `istio-ca-secret` hold, without a restart.
///
/// What cannot be used changes nothing: the last good root signs on, and every minute it is said what is wrong.
package struct RootUpkeep: Sendable {
    private let pluggedIn = Store<AuthoritySecret>()
    private let selfSigned = Store<AuthoritySecret>()
    private let authority: MeshAuthority
    private let metrics: CertificateMetrics
    private let namespace: String
    private let client: KubernetesClient
    private let now: @Sendable () -> Date
    private let logger: Logger
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - authority: What is kept equal to them.
    ///   - metrics: Told what the authority is.
    ///   - namespace: Of the Secrets.
    ///   - now: The wall clock.
    package init(
        _ authority: MeshAuthority, metrics: CertificateMetrics, namespace: String, client: KubernetesClient,
        now: @escaping @Sendable () -> Date, logger: Logger
    ) {
        self.authority = authority
        self.metrics = metrics
        self.namespace = namespace
        self.client = client
        self.now = now
        self.logger = logger
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Follows the Secrets until cancelled.
    package func run() async {
        let wake = wake
        await withTaskGroup(of: Void.self) { group in
            for (store, name) in [(pluggedIn, MeshRoot.pluggedInSecret), (selfSigned, MeshRoot.selfSignedSecret)] {
                store.onChange { _ in wake.yield() }
                let reflector = Reflector(
                    .secrets, reader: .decodable(AuthoritySecret.self),
                    in: ListScope(namespace: namespace, fieldSelector: "metadata.name=\(name)"), into: store,
                    client: client, logger: logger)
                group.addTask { try? await reflector.run() }
            }
            group.addTask {
                // Certificates become valid and end without anybody touching their Secrets.
                while (try? await Task.sleep(for: .seconds(60))) != nil { wake.yield() }
            }
            await pluggedIn.waitUntilSynced()
            await selfSigned.waitUntilSynced()
            for await _ in wakes {
                if Task.isCancelled { break }
                follow()
            }
            group.cancelAll()
        }
    }

    private func follow() {
        let now = now()
        metrics.tell(authority.material, now: now)
        guard let secret = pluggedIn.objects.first ?? selfSigned.objects.first else {
            logger.warning(
                "The Secret of the mesh root has gone: what it held signs on until this replica ends",
                metadata: ["namespace": "\(namespace)"])
            return
        }
        do throws(CAMaterialError) {
            let found = try MeshRoot.Found(secret, now: now)
            if let problem = found.problem {
                logger.error("Cannot read what was taken back", metadata: ["error": "\(problem)"])
            }
            tell(found.material, from: secret.key)
            authority.use(found)
            metrics.tell(found.material, now: now)
        } catch {
            logger.error("Cannot use a changed mesh root: the last good one signs on", metadata: ["error": "\(error)"])
        }
    }

    private func tell(_ new: CAMaterial, from secret: ObjectKey) {
        let old = authority.material
        guard old != new else { return }
        var metadata: Logger.Metadata = [
            "secret": "\(secret)", "roots": "\(new.trustBundle.certificates.count)",
            "expires": "\(new.certificate.notValidAfter.formatted(.iso8601))",
        ]
        if let root = new.root, !old.trustBundle.certificates.contains(root) {
            metadata["warning"] =
                "nobody was told before to trust the root that signs from now on: put it into root-cert.pem first next time"
            logger.warning("Mesh root replaced", metadata: metadata)
        } else {
            logger.info("Mesh root replaced", metadata: metadata)
        }
    }
}
