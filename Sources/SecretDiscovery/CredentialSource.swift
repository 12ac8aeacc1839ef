import Authentication
package import DiscoveryServer
import KubernetesModel
package import Logging
package import MeshDiscovery
import MeshModel
import Metrics
import XDSServer

/// Knows which Secrets the Gateways that are for a proxy name.
package protocol CredentialNaming: Sendable {
    /// As Gateways write them; none for a proxy that is no gateway.
    func credentialNames(ofProxy nodeID: String) async -> Set<String>
}

/// Puts the Secrets that Gateways name into what gateways are sent.
///
/// ```
///   inner source ──► what every proxy is sent ─────────────┐
///   Gateways that are for the proxy ─► names ─┐            ├─► ResourceCache of the stream
///   Secrets of its own namespace ─────────────┴► Secret ───┘
///   only if: it is a gateway · it has proven to be a workload of that namespace · its ServiceAccount may read them
/// ```
/// All of it in the cluster that it says it runs in: namespaces of one name are the same in all clusters of a mesh. What
/// that one does not have comes from the control plane's own, if its ServiceAccount may read Secrets there as well.
///
/// Nothing but the gateway's own certificates ever gets on its stream: another namespace's Secrets are out of reach by
/// construction, for the namespace is the one of the identity that was proven, not the one that the proxy says. A
/// Secret that is not there, or of no use, is not answered; the proxy's listeners stay, and keep the certificate they
/// have.
package actor CredentialSource: SnapshotSource {
    private struct Follower {
        var nodeID: String
        var workload: WorkloadIdentity
        /// Of the cluster that it says it runs in; empty: it does not say.
        var clusterID: String
        var place: CredentialPlace
        var authorization: Task<Void, Never>?
        /// What the inner source has given last.
        var inner: ResourceCache
        var names: Set<CredentialName> = []
        var reach = CredentialPlace.Reach.nothing
        /// The resources of the last answer.
        var secrets = ResourceSnapshot.empty
        var isRetained = false
        var updates: AsyncStream<ResourceCache>.Continuation
    }

    private let source: any SnapshotSource
    private let naming: any CredentialNaming
    private let places: any CredentialPlaces
    private let retryDelay: Duration
    private let logger: Logger
    private let errors: Counter
    private var followers: [UInt64: Follower] = [:]
    private var last: UInt64 = 0
    private var told: [CredentialName: [Site: String]] = [:]

    /// Namespaces of one name are not the same place.
    private struct Site: Hashable {
        var namespace: String
        var cluster: String
    }

    /// - Parameters:
    ///   - source: Gives everything else.
    ///   - retryDelay: After which the API server is asked again who may read Secrets, if it could not be asked.
    package init(
        _ source: any SnapshotSource, naming: any CredentialNaming, places: any CredentialPlaces,
        retryDelay: Duration = .seconds(5), logger: Logger
    ) {
        self.source = source
        self.naming = naming
        self.places = places
        self.retryDelay = retryDelay
        self.logger = logger
        errors = Counter(label: "pilot_sds_certificate_errors_total")
        places.onSecretChange { [weak self] namespace, name in
            Task { [weak self] in await self?.secretChanged(in: namespace, name) }
        }
        places.onPlaceChange { [weak self] cluster in Task { [weak self] in await self?.placeChanged(of: cluster) } }
    }

    /// What is wrong with credentials that gateways ask for now.
    package var problems: [CredentialProblem] {
        told.flatMap { name, found in
            found.map {
                CredentialProblem(
                    credential: name, namespace: $0.key.namespace, cluster: $0.key.cluster, found: $0.value)
            }
        }
        .sorted { ($0.cluster, $0.namespace, $0.credential) < ($1.cluster, $1.namespace, $1.credential) }
    }

    package func subscribe(_ client: DiscoveryClient) async throws -> SnapshotSubscription {
        let inner = try await source.subscribe(client)
        guard client.node.id.hasPrefix("router~"), let workload = client.verifiedWorkload else { return inner }
        let (updates, continuation) = AsyncStream.makeStream(
            of: ResourceCache.self, bufferingPolicy: .bufferingNewest(1))
        last += 1
        let id = last
        let clusterID = client.node.clusterID
        followers[id] = Follower(
            nodeID: client.node.id, workload: workload, clusterID: clusterID,
            place: places.place(ofCluster: clusterID), inner: inner.current, updates: continuation)
        let task = Task { [weak self] in
            await self?.startAuthorization(id)
            for await cache in inner.updates { await self?.innerChanged(id, cache) }
            continuation.finish()
        }
        continuation.onTermination = { [weak self] _ in
            task.cancel()
            Task { [weak self] in await self?.leave(id) }
        }
        await rename(id)
        return SnapshotSubscription(current: cache(of: id) ?? inner.current, updates: updates, due: inner.due)
    }

    private func leave(_ id: UInt64) {
        guard let follower = followers.removeValue(forKey: id) else { return }
        follower.authorization?.cancel()
        if follower.isRetained { follower.place.release(follower.workload.namespace) }
        forgetProblems(of: follower)
    }

    // MARK: - What changes

    /// Other Secrets count for the gateways of a cluster, or others say who may have them. What they have they keep.
    private func placeChanged(of cluster: String) {
        for (id, follower) in followers where follower.clusterID == cluster {
            let place = places.place(ofCluster: cluster)
            guard place.edition != follower.place.edition else { continue }
            followers[id]?.place = place
            followers[id]?.reach = .nothing
            if follower.isRetained {
                place.retain(follower.workload.namespace)
                follower.place.release(follower.workload.namespace)
            }
            startAuthorization(id)
        }
    }

    private func startAuthorization(_ id: UInt64) {
        followers[id]?.authorization?.cancel()
        followers[id]?.authorization = Task { [weak self] in await self?.authorize(id) }
    }

    /// Finds out which Secrets the gateway may have, and waits for an answer as long as it takes.
    private func authorize(_ id: UInt64) async {
        while let follower = followers[id], !Task.isCancelled {
            let reach = await reach(of: follower)
            guard !Task.isCancelled, followers[id]?.place.edition == follower.place.edition else { return }
            if let reach {
                followers[id]?.reach = reach
                if reach > .nothing { refresh(id) }
                if reach == .everything { return }
            }
            // Its rights may come later than its Pods. Who has what its own cluster has is asked about less often.
            guard (try? await Task.sleep(for: retryDelay * (reach == .own ? 12 : 1))) != nil else { return }
        }
    }

    /// Nil: nobody could be asked.
    private func reach(of follower: Follower) async -> CredentialPlace.Reach? {
        guard let mayRead = await ask(follower.place.authorizer, about: follower) else { return nil }
        guard mayRead else {
            logger.warning(
                "A gateway gets no Secrets: its ServiceAccount may not list Secrets of its namespace",
                metadata: [
                    "proxy": "\(follower.nodeID)", "namespace": "\(follower.workload.namespace)",
                    "serviceAccount": "\(follower.workload.serviceAccount)", "cluster": "\(follower.clusterID)",
                ])
            return .nothing
        }
        guard let fallback = follower.place.fallback else { return .everything }
        if await ask(fallback.authorizer, about: follower) == true { return .everything }
        logger.debug(
            "A gateway gets no Secrets of the control plane's cluster: its ServiceAccount may not list them there",
            metadata: [
                "proxy": "\(follower.nodeID)", "namespace": "\(follower.workload.namespace)",
                "serviceAccount": "\(follower.workload.serviceAccount)",
            ])
        return .own
    }

    private func ask(_ authorizer: any SecretAuthorizer, about follower: Follower) async -> Bool? {
        do {
            return try await authorizer.mayReadSecrets(follower.workload)
        } catch {
            if !Task.isCancelled {
                logger.warning(
                    "Cannot find out whether a gateway may have Secrets",
                    metadata: ["proxy": "\(follower.nodeID)", "error": "\(error)"])
            }
            return nil
        }
    }

    private func innerChanged(_ id: UInt64, _ cache: ResourceCache) async {
        followers[id]?.inner = cache
        await rename(id)
        yield(id)
    }

    private func secretChanged(in namespace: String, _ name: String?) {
        for (id, follower) in followers where follower.workload.namespace == namespace {
            guard name.map({ name in follower.names.contains { $0.secrets.contains(name) } }) ?? true else { continue }
            refresh(id)
        }
    }

    /// Reads anew which credentials the gateway is to have.
    private func rename(_ id: UInt64) async {
        guard let nodeID = followers[id]?.nodeID else { return }
        let names = Set(await naming.credentialNames(ofProxy: nodeID).map { CredentialName($0) })
        guard var follower = followers[id], follower.names != names else { return }
        follower.names = names
        if !names.isEmpty, !follower.isRetained {
            follower.isRetained = true
            follower.place.retain(follower.workload.namespace)
        }
        followers[id] = follower
        forgetProblems(of: follower)
        follower.secrets = current(follower)
        followers[id]?.secrets = follower.secrets
    }

    /// Sends what is new, if anything is.
    private func refresh(_ id: UInt64) {
        guard let follower = followers[id] else { return }
        let now = current(follower)
        guard now != follower.secrets else { return }
        followers[id]?.secrets = now
        yield(id)
    }

    private func yield(_ id: UInt64) {
        guard let cache = cache(of: id) else { return }
        followers[id]?.updates.yield(cache)
    }

    private func cache(of id: UInt64) -> ResourceCache? {
        guard let follower = followers[id] else { return nil }
        var snapshots = follower.inner.snapshots
        snapshots[.secret] = follower.secrets
        return ResourceCache(snapshots)
    }

    /// The credentials that can be sent. Those that cannot be are told, once.
    private func current(_ follower: Follower) -> ResourceSnapshot {
        let namespace = follower.workload.namespace
        let place = follower.place
        let reach = follower.reach
        guard reach > .nothing, !follower.names.isEmpty, place.isSynced(namespace, within: reach) else {
            return follower.secrets
        }
        let credentials = Credentials(namespace: namespace, cluster: place.cluster) {
            place.secret(ObjectKey(namespace: namespace, name: $0), within: reach)
        }
        var usable: [Resource] = []
        for name in follower.names.sorted() {
            do {
                usable.append(try credentials.resource(for: name))
                told[name]?[Site(namespace: namespace, cluster: place.cluster)] = nil
            } catch {
                tell(error)
                // What the gateway has been given stays good enough.
                if let last = follower.secrets[name.resource] { usable.append(last) }
            }
        }
        return follower.secrets.replacing(with: usable)
    }

    private func tell(_ problem: CredentialProblem) {
        let site = Site(namespace: problem.namespace, cluster: problem.cluster)
        guard told[problem.credential]?[site] != problem.found else { return }
        told[problem.credential, default: [:]][site] = problem.found
        errors.increment()
        logger.warning(
            "A gateway's certificate cannot be used",
            metadata: [
                "credential": "\(problem.credential.name)", "namespace": "\(problem.namespace)",
                "cluster": "\(problem.cluster)",
                "problem": "\(problem.found)",
            ])
    }

    /// Problems of credentials that no gateway asks for any more.
    private func forgetProblems(of gateway: Follower) {
        let site = Site(namespace: gateway.workload.namespace, cluster: gateway.place.cluster)
        let asked = followers.values.filter {
            $0.workload.namespace == site.namespace && $0.place.cluster == site.cluster
        }.reduce(into: Set<CredentialName>()) { $0.formUnion($1.names) }
        for name in told.keys where !asked.contains(name) { told[name]?[site] = nil }
        told = told.filter { !$0.value.isEmpty }
    }
}

extension NodeIdentity {
    /// `CLUSTER_ID` of the metadata; empty: it does not say.
    fileprivate var clusterID: String { (try? JSONValue(parsing: metadata))?["CLUSTER_ID"]?.string ?? "" }
}

extension MeshDiscovery: CredentialNaming {
    package func credentialNames(ofProxy nodeID: String) -> Set<String> {
        let names = view(ofProxy: nodeID).map { snapshot.gateways(of: $0).credentialNames } ?? []
        // What another program has is no Secret.
        return names.filter { !SecretSockets.isCredential($0) }
    }
}
