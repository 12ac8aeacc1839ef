import ControlPlane
import DiscoveryServer
import KubernetesClient
import KubernetesModel
import MeshModel
import SecretDiscovery
import Synchronization
import Testing
import XDSServer

/// One gateway of another cluster, whose Secrets are looked at as a test says.
private final class OtherGateway: Sendable {
    let home = FakeSecrets()
    let homeAuthorizer = FakeSecretAuthorizer()
    let there = FakeSecrets()
    let authorizer = FakeSecretAuthorizer()
    let secrets: ClusterSecrets
    let source: CredentialSource
    private let asked = Mutex((mayRead: true, count: 0))
    private let granted = AsyncStream.makeStream(of: Void.self)

    init(patience: Duration = .seconds(600)) {
        let inner = StaticSource(ResourceCache([.cluster: .empty, .secret: .empty]))
        secrets = ClusterSecrets(ownID: "home", home: home, authorizer: homeAuthorizer, patience: patience)
        source = CredentialSource(
            inner, naming: FakeNaming(["cert"]), places: secrets, retryDelay: .milliseconds(1), logger: silent)
    }

    /// How often it was asked whether Secrets may be read there.
    var questions: Int { asked.withLock { $0.count } }

    func deny() { asked.withLock { $0.mayRead = false } }
    func grant() { granted.continuation.yield() }

    /// Looks at Secrets there until the task is cancelled.
    func attend(
        _ reader: FakeSecrets? = nil, generation: Int = 1, authorizer: FakeSecretAuthorizer? = nil
    ) -> Task<Void, Never> {
        let (reader, authorizer) = (reader ?? there, authorizer ?? self.authorizer)
        return Task {
            await secrets.attend(
                "other", generation: generation, reader, authorizer: authorizer,
                mayRead: {
                    self.asked.withLock { asked in
                        asked.count += 1
                        return asked.mayRead
                    }
                },
                untilReadable: {
                    for await _ in self.granted.stream { return true }
                    return false
                },
                run: {
                    let (never, _) = AsyncStream.makeStream(of: Void.self)
                    for await _ in never {}
                })
        }
    }

    func connect(_ cluster: String = "other") async throws -> SnapshotSubscription {
        let metadata = "{\"CLUSTER_ID\":\"\(cluster)\"}"
        let node = NodeIdentity(
            id: "router~10.0.0.1~gw.edge~edge.svc.cluster.local", metadata: Array(metadata.utf8))
        return try await source.subscribe(
            DiscoveryClient(
                node: node, identity: PeerIdentity(names: ["spiffe://cluster.local/ns/edge/sa/gw"]), variant: .delta))
    }
}

extension SnapshotSubscription {
    /// Waits for the certificate of a Secret.
    fileprivate func has(_ wanted: FakeSecrets) async -> Bool {
        func isThere(_ cache: ResourceCache) -> Bool {
            guard let secret = wanted.secret(ObjectKey(namespace: "edge", name: "cert")),
                let certificate = secret.parts.exposed["tls.crt"], let body = cache[.secret].resources.first?.body
            else { return false }
            return String(decoding: body, as: UTF8.self).contains(String(decoding: certificate, as: UTF8.self))
        }
        if isThere(current) { return true }
        for await cache in updates where isThere(cache) { return true }
        return false
    }
}

@Suite("Secrets of gateways of other clusters", .timeLimit(.minutes(5))) struct ClusterSecretsTests {
    @Test("The gateway's own cluster goes first; what is not there is the control plane's")
    func ownClusterFirst() async throws {
        let gateway = OtherGateway()
        try gateway.home.put("cert", in: "edge")
        try gateway.there.put("cert", in: "edge")
        let attendance = gateway.attend()
        defer { attendance.cancel() }
        let subscription = try await gateway.connect()
        #expect(await subscription.has(gateway.there))
        try gateway.there.put("cert", in: "edge")
        #expect(await subscription.has(gateway.there))
        gateway.there.remove("cert", in: "edge")
        #expect(await subscription.has(gateway.home))
        try gateway.there.put("cert", in: "edge")
        #expect(await subscription.has(gateway.there))
        #expect(gateway.homeAuthorizer.asked > 0 && gateway.authorizer.asked > 0)
    }

    @Test("No other cluster's API server gives away Secrets of the control plane's: its own has to agree")
    func rightsAtHome() async throws {
        for answer in [FakeSecretAuthorizer.Answer.refused, .unreachable] {
            let gateway = OtherGateway()
            try gateway.home.put("cert", in: "edge")
            gateway.homeAuthorizer.answer = answer
            let attendance = gateway.attend()
            defer { attendance.cancel() }
            while gateway.secrets.place(ofCluster: "other").cluster != "other" { await Task.yield() }
            let subscription = try await gateway.connect()
            while await gateway.source.problems.map(\.cluster) != ["other"] { await Task.yield() }
            while gateway.homeAuthorizer.asked < 3 { await Task.yield() }
            #expect(await gateway.source.problems.map(\.cluster) == ["other"])
            // What its own cluster has it gets.
            try gateway.there.put("cert", in: "edge")
            #expect(await subscription.has(gateway.there))
            gateway.there.remove("cert", in: "edge")
            gateway.homeAuthorizer.answer = .allowed
            #expect(await subscription.has(gateway.home))
        }
    }

    @Test("The API server of its own cluster says whether a gateway may have Secrets, those of the control plane's too")
    func rightsThere() async throws {
        let gateway = OtherGateway()
        try gateway.home.put("cert", in: "edge")
        gateway.authorizer.answer = .refused
        let attendance = gateway.attend()
        defer { attendance.cancel() }
        while gateway.secrets.place(ofCluster: "other").cluster != "other" { await Task.yield() }
        let subscription = try await gateway.connect()
        while gateway.authorizer.asked < 3 { await Task.yield() }
        #expect(subscription.current[.secret].isEmpty && gateway.homeAuthorizer.asked == 0)
        gateway.authorizer.answer = .allowed
        #expect(await subscription.has(gateway.home))
    }

    @Test("Where Secrets of a cluster may not be read its gateways get those of the control plane's, until they may")
    func rightsOfTheControlPlane() async throws {
        let gateway = OtherGateway()
        try gateway.home.put("cert", in: "edge")
        try gateway.there.put("cert", in: "edge")
        gateway.deny()
        let attendance = gateway.attend()
        defer { attendance.cancel() }
        let subscription = try await gateway.connect()
        #expect(await subscription.has(gateway.home))
        #expect(gateway.homeAuthorizer.asked > 0 && gateway.there.retained == [:])
        gateway.grant()
        #expect(await subscription.has(gateway.there))
        #expect(gateway.there.retained == ["edge": 1] && gateway.authorizer.asked > 0)
    }

    @Test("Nobody looks at Secrets of a cluster without gateways")
    func onlyWhenAsked() async throws {
        let gateway = OtherGateway()
        let attendance = gateway.attend()
        defer { attendance.cancel() }
        while gateway.secrets.place(ofCluster: "other").cluster != "other" { await Task.yield() }
        try gateway.home.put("cert", in: "edge")
        let own = try await gateway.connect("home")
        #expect(await own.has(gateway.home))
        #expect(gateway.questions == 0 && gateway.there.retained == [:])
        let subscription = try await gateway.connect()
        while gateway.there.retained != ["edge": 1] { await Task.yield() }
        #expect(gateway.questions == 1)
        #expect(subscription.current[.cluster].isEmpty)
    }

    @Test("With other credentials for a cluster what is known of its Secrets counts until they are read anew")
    func newCredentials() async throws {
        let gateway = OtherGateway()
        try gateway.home.put("cert", in: "edge")
        try gateway.there.put("cert", in: "edge")
        let before = gateway.attend()
        let subscription = try await gateway.connect()
        #expect(await subscription.has(gateway.there))
        before.cancel()
        let reader = FakeSecrets()
        reader.hold("edge")
        let after = gateway.attend(reader, generation: 2)
        defer { after.cancel() }
        while reader.retained != ["edge": 1] { await Task.yield() }
        // Who comes meanwhile gets what is known.
        let second = try await gateway.connect()
        #expect(await second.has(gateway.there))
        try reader.put("cert", in: "edge")
        reader.learn("edge")
        #expect(await subscription.has(reader))
    }

    @Test("A cluster that does not answer is waited for a while, and not for ever")
    func patience() async throws {
        let gateway = OtherGateway(patience: .milliseconds(50))
        try gateway.home.put("cert", in: "edge")
        gateway.there.hold("edge")
        let attendance = gateway.attend()
        defer { attendance.cancel() }
        let subscription = try await gateway.connect()
        #expect(await subscription.has(gateway.home))
        try gateway.there.put("cert", in: "edge")
        gateway.there.learn("edge")
        #expect(await subscription.has(gateway.there))
    }

    @Test("Nothing is kept of a cluster that is no longer one of the mesh")
    func goneClusters() async throws {
        let gateway = OtherGateway()
        try gateway.home.put("cert", in: "edge")
        try gateway.there.put("cert", in: "edge")
        let attendance = gateway.attend()
        let subscription = try await gateway.connect()
        #expect(await subscription.has(gateway.there))
        attendance.cancel()
        await attendance.value
        gateway.secrets.forget("other", generation: 1)
        #expect(await subscription.has(gateway.home))
        #expect(gateway.there.retained == [:] && gateway.homeAuthorizer.asked > 0)
    }

    @Test("Who comes too late to look at a cluster neither brings it back nor takes a newer one's place")
    func lateComers() async throws {
        let gateway = OtherGateway()
        gateway.secrets.forget("other", generation: 1)
        await gateway.attend().value
        #expect(gateway.secrets.place(ofCluster: "other").cluster == "")
        // Cancelled before it began.
        let cancelled = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await gateway.secrets.attend(
                "other", generation: 2, gateway.there, authorizer: gateway.authorizer, mayRead: { true },
                untilReadable: { true }, run: {})
        }
        await cancelled.value
        #expect(gateway.secrets.place(ofCluster: "other").cluster == "")
        let newest = gateway.attend(generation: 4)
        defer { newest.cancel() }
        while gateway.secrets.place(ofCluster: "other").cluster != "other" { await Task.yield() }
        let edition = gateway.secrets.place(ofCluster: "other").edition
        let older = FakeSecretAuthorizer()
        await gateway.attend(FakeSecrets(), generation: 3, authorizer: older).value
        #expect(gateway.secrets.place(ofCluster: "other").edition == edition)
        gateway.secrets.forget("other", generation: 3)
        try gateway.there.put("cert", in: "edge")
        let subscription = try await gateway.connect()
        #expect(await subscription.has(gateway.there))
        #expect(older.asked == 0)
    }

    @Test("No namespace is watched for ever, whoever looks there when nobody asks any more")
    func releases() async throws {
        let gateway = OtherGateway()
        let readers = (0..<200).map { _ in FakeSecrets() }
        let first = gateway.attend()
        while gateway.secrets.place(ofCluster: "other").cluster != "other" { await Task.yield() }
        let secrets = gateway.secrets.place(ofCluster: "other").secrets
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<2000 {
                        secrets.retain("edge")
                        await Task.yield()
                        secrets.release("edge")
                    }
                }
            }
            for (number, reader) in readers.enumerated() {
                group.addTask {
                    await gateway.secrets.attend(
                        "other", generation: number + 2, reader, authorizer: gateway.authorizer, mayRead: { true },
                        untilReadable: { true }, run: {})
                }
            }
        }
        first.cancel()
        await first.value
        secrets.retain("edge")
        secrets.release("edge")
        #expect(readers.count { $0.retained != [:] } == 0)
        #expect(gateway.there.retained == [:])
    }

    @Test("What is wrong with a credential is told for each cluster")
    func problems() async throws {
        let gateway = OtherGateway()
        let attendance = gateway.attend()
        defer { attendance.cancel() }
        while gateway.secrets.place(ofCluster: "other").cluster != "other" { await Task.yield() }
        let subscriptions = [try await gateway.connect(), try await gateway.connect("home")]
        while await gateway.source.problems.count < 2 { await Task.yield() }
        #expect(await gateway.source.problems.map(\.cluster) == ["", "other"])
        try gateway.there.put("cert", in: "edge")
        #expect(await subscriptions[0].has(gateway.there))
        #expect(await gateway.source.problems.map(\.cluster) == [""])
    }
}
