import ControlPlane
import DiscoveryServer
import EnvoyTesting
import KubernetesModel
import MeshModel
import SecretDiscovery
import Synchronization
import Testing
import XDSServer

@Suite("Secrets on streams", .timeLimit(.minutes(10))) struct CredentialSourceTests {
    private let secrets = FakeSecrets()
    private let naming = FakeNaming(["cert"])
    private let authorizer = FakeSecretAuthorizer()
    private let inner = StaticSource(
        ResourceCache([.cluster: ResourceSnapshot([Resource(name: "c", body: [1])]), .secret: .empty]))

    private func source() -> CredentialSource {
        CredentialSource(
            inner, naming: naming, places: OnePlace(secrets, authorizer: authorizer), retryDelay: .milliseconds(1),
            logger: silent)
    }

    private func client(
        _ kind: String = "router", in namespace: String = "edge", identity: String? = "edge"
    ) -> DiscoveryClient {
        let node = NodeIdentity(id: "\(kind)~10.0.0.1~gw.\(namespace)~\(namespace).svc.cluster.local")
        return DiscoveryClient(
            node: node,
            identity: PeerIdentity(names: identity.map { ["spiffe://cluster.local/ns/\($0)/sa/gw"] } ?? []),
            variant: .delta)
    }

    /// The first state of a stream from now on that is as wanted.
    private func wait(
        _ subscription: SnapshotSubscription, until isReached: (ResourceSnapshot) -> Bool
    ) async -> ResourceSnapshot? {
        for await cache in subscription.updates where isReached(cache[.secret]) { return cache[.secret] }
        return nil
    }

    /// The state of a stream as soon as it has any Secret.
    private func firstSecrets(_ subscription: SnapshotSubscription) async -> ResourceSnapshot? {
        let current = subscription.current[.secret]
        return current.isEmpty ? await wait(subscription) { !$0.isEmpty } : current
    }

    @Test("A gateway gets what its Gateways name, of the namespace that it has proven to be of, and nothing else")
    func ownSecrets() async throws {
        let mine = try secrets.put("cert", in: "edge")
        try secrets.put("other", in: "edge")
        try secrets.put("cert", in: "elsewhere")
        let source = source()
        let subscription = try await source.subscribe(client())
        let found = await firstSecrets(subscription)
        #expect(found?.resources.map(\.name) == ["kubernetes://cert"])
        #expect(found?["kubernetes://cert"]?.body.count ?? 0 > mine.count)
        #expect(subscription.current[.cluster].resources.map(\.name) == ["c"])
    }

    @Test(
        "Nobody else gets any",
        arguments: [
            ("sidecar", "edge", "edge"), ("router", "edge", nil), ("router", "edge", "elsewhere"),
        ] as [(String, String, String?)])
    func others(kind: String, namespace: String, identity: String?) async throws {
        try secrets.put("cert", in: "edge")
        try secrets.put("cert", in: "elsewhere")
        let source = source()
        let subscription = try await source.subscribe(client(kind, in: namespace, identity: identity))
        // Something that comes to every stream: what was to come before it has come.
        inner.update { _ = $0.apply(.cluster, updates: [Resource(name: "d", body: [2])]) }
        for await cache in subscription.updates where cache[.cluster, "d"] != nil {
            #expect(cache[.secret].isEmpty)
            break
        }
        #expect(authorizer.asked == 0)
        #expect(secrets.retained == [:])
    }

    @Test("One whose ServiceAccount may not read Secrets gets none until it may")
    func rights() async throws {
        try secrets.put("cert", in: "edge")
        authorizer.answer = .refused
        let source = source()
        let subscription = try await source.subscribe(client())
        while authorizer.asked < 3 { await Task.yield() }
        #expect(subscription.current[.secret].isEmpty)
        authorizer.answer = .unreachable
        let asked = authorizer.asked
        while authorizer.asked < asked + 3 { await Task.yield() }
        authorizer.answer = .allowed
        #expect(await wait(subscription) { !$0.isEmpty } != nil)
    }

    @Test("A Secret that is replaced is sent at once; a broken one is told, and the last good one stays")
    func rotation() async throws {
        try secrets.put("cert", in: "edge")
        let source = source()
        let subscription = try await source.subscribe(client())
        let first = try #require(await firstSecrets(subscription))
        try secrets.put("cert", in: "edge")
        let second = try #require(await wait(subscription) { !$0.isEmpty && $0 != first })
        #expect(second.resources.map(\.name) == ["kubernetes://cert"])

        secrets.put(
            CredentialSecret(
                key: ObjectKey(namespace: "edge", name: "cert"), parts: [.tlsCertificate: [1], .tlsKey: [2]]))
        while await source.problems.isEmpty { await Task.yield() }
        #expect(await source.problems.map(\.credential.name) == ["cert"])
        secrets.remove("cert", in: "edge")
        while await !(source.problems.first?.found.contains("there is no Secret") ?? false) { await Task.yield() }
        // It comes back, and is sent; in between nothing was taken away.
        try secrets.put("cert", in: "edge")
        let third = try #require(await wait(subscription) { $0 != second })
        #expect(third.resources.map(\.name) == ["kubernetes://cert"])
        #expect(await source.problems.isEmpty)
    }

    @Test("A Secret that is missing holds nothing up, and is sent when it comes; one no longer named is taken away")
    func missing() async throws {
        naming.names = ["cert", "late"]
        try secrets.put("cert", in: "edge")
        let source = source()
        let subscription = try await source.subscribe(client())
        let first = try #require(await firstSecrets(subscription))
        #expect(first.resources.map(\.name) == ["kubernetes://cert"])
        #expect(await source.problems.map(\.credential.name) == ["late"])
        try secrets.put("late", in: "edge")
        #expect(await wait(subscription) { $0.resources.count == 2 } != nil)
        #expect(await source.problems.isEmpty)

        naming.names = ["late"]
        inner.update { _ = $0.apply(.cluster, updates: [Resource(name: "d", body: [2])]) }
        let last = await wait(subscription) { $0.resources.count == 1 }
        #expect(last?.resources.map(\.name) == ["kubernetes://late"])
    }

    @Test("Secrets of a namespace are kept as long as a gateway there asks for any")
    func retention() async throws {
        let source = source()
        var subscription: SnapshotSubscription? = try await source.subscribe(client())
        #expect(secrets.retained == ["edge": 1])
        #expect(subscription != nil)
        subscription = nil
        while secrets.retained != [:] { await Task.yield() }
    }
}

final class FakeSecrets: SecretReading {
    private struct State {
        var secrets: [ObjectKey: CredentialSecret] = [:]
        var retained: [String: Int] = [:]
        var unknown: Set<String> = []
        var handlers: [@Sendable (String, String?) -> Void] = []
    }

    private let state = Mutex(State())

    var retained: [String: Int] { state.withLock { $0.retained } }

    func secret(_ key: ObjectKey) -> CredentialSecret? { state.withLock { $0.secrets[key] } }
    func isSynced(_ namespace: String) -> Bool { state.withLock { !$0.unknown.contains(namespace) } }

    /// What is in a namespace is not known until ``learn(_:)``.
    func hold(_ namespace: String) { state.withLock { _ = $0.unknown.insert(namespace) } }

    func learn(_ namespace: String) {
        state.withLock { _ = $0.unknown.remove(namespace) }
        for handler in state.withLock({ $0.handlers }) { handler(namespace, nil) }
    }

    func retain(_ namespace: String) { state.withLock { $0.retained[namespace, default: 0] += 1 } }

    func release(_ namespace: String) {
        state.withLock { state in
            let uses = state.retained[namespace, default: 0] - 1
            state.retained[namespace] = uses > 0 ? uses : nil
        }
    }

    func onChange(_ handler: @escaping @Sendable (String, String?) -> Void) {
        state.withLock { $0.handlers.append(handler) }
    }

    func put(_ secret: CredentialSecret) {
        state.withLock { $0.secrets[secret.metadata.key] = secret }
        tell(secret.metadata.key)
    }

    /// A new certificate; gives its key.
    @discardableResult
    func put(_ name: String, in namespace: String) throws -> String {
        let identity = try TestAuthority().server(["a.com"])
        put(name, in: namespace, identity)
        return identity.privateKey
    }

    func put(_ name: String, in namespace: String, _ identity: TestAuthority.Identity) {
        put(
            CredentialSecret(
                key: ObjectKey(namespace: namespace, name: name),
                parts: [
                    .tlsCertificate: Array(identity.certificate.utf8), .tlsKey: Array(identity.privateKey.utf8),
                ]))
    }

    func remove(_ name: String, in namespace: String) {
        let key = ObjectKey(namespace: namespace, name: name)
        state.withLock { $0.secrets[key] = nil }
        tell(key)
    }

    private func tell(_ key: ObjectKey) {
        for handler in state.withLock({ $0.handlers }) { handler(key.namespace, key.name) }
    }
}

final class FakeNaming: CredentialNaming {
    private let state: Mutex<Set<String>>

    init(_ names: Set<String>) { state = Mutex(names) }

    var names: Set<String> {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }

    func credentialNames(ofProxy nodeID: String) -> Set<String> { names }
}

final class FakeSecretAuthorizer: SecretAuthorizer {
    enum Answer { case allowed, refused, unreachable }
    struct Unreachable: Error {}

    private let state = Mutex((answer: Answer.allowed, asked: 0))

    var asked: Int { state.withLock { $0.asked } }
    var answer: Answer {
        get { state.withLock { $0.answer } }
        set { state.withLock { $0.answer = newValue } }
    }

    func mayReadSecrets(_ workload: WorkloadIdentity) throws -> Bool {
        let answer = state.withLock { state in
            state.asked += 1
            return state.answer
        }
        if answer == .unreachable { throw Unreachable() }
        return answer == .allowed
    }
}
