import CertificateService
import ControlPlane
import KubernetesClient
import KubernetesModel
import Logging
import MeshObservation
import Synchronization
import Testing

/// Grants some rights, and counts how often it is asked.
final class FakeRights: RightsReviewing {
    struct Unreachable: Error {}

    private let state: Mutex<(granted: Set<ClusterRight>, isReachable: Bool, asked: Int)>

    init(_ granted: Set<ClusterRight> = []) { state = Mutex((granted, true, 0)) }

    func grant(_ right: ClusterRight) { state.withLock { _ = $0.granted.insert(right) } }
    func lose() { state.withLock { $0.isReachable = false } }
    func find() { state.withLock { $0.isReachable = true } }
    var asked: Int { state.withLock { $0.asked } }

    func isAllowed(_ right: ClusterRight) throws -> Bool {
        try state.withLock { state in
            state.asked += 1
            if !state.isReachable { throw Unreachable() }
            return state.granted.contains(right)
        }
    }
}

/// Counts what is said, by level.
final class Levels: Sendable {
    private let said = Mutex<[Logger.Level]>([])

    func count(_ level: Logger.Level) -> Int { said.withLock { $0.count { $0 == level } } }

    var logger: Logger { Logger(label: "test") { _ in Handler(levels: self) } }

    private struct Handler: LogHandler {
        let levels: Levels
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        func log(event: LogEvent) { levels.said.withLock { $0.append(event.level) } }

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
    }
}

@Suite("What an account may do in another cluster") struct RemotePermissionsTests {
    private static let nodes = RemoteNeed(
        "no nodes", [[ClusterRight("list", "nodes")], [ClusterRight("watch", "nodes")]])
    private static let write = RemoteNeed(
        "no roots", [[ClusterRight("patch", "configmaps"), ClusterRight("update", "configmaps")]])

    @Test func whatIsLackingIsToldOnce() async {
        let (rights, levels) = (FakeRights([ClusterRight("list", "nodes")]), Levels())
        let permissions = RemotePermissions(rights, logger: levels.logger)
        for _ in 0..<3 { #expect(await !permissions.allow(Self.nodes)) }
        #expect(permissions.missing == ["watch nodes"])
        #expect(levels.count(.warning) == 1)
        #expect(await !permissions.allow(Self.write))
        #expect(permissions.missing == ["patch configmaps or update configmaps", "watch nodes"])
        #expect(levels.count(.warning) == 2)
        rights.grant(ClusterRight("watch", "nodes"))
        for _ in 0..<3 { #expect(await permissions.allow(Self.nodes)) }
        #expect(permissions.missing == ["patch configmaps or update configmaps"])
        #expect(levels.count(.warning) == 2 && levels.count(.info) == 1)
    }

    @Test func oneOfSeveralWaysIsEnough() async {
        for verb in ["patch", "update"] {
            let permissions = RemotePermissions(
                FakeRights([ClusterRight(verb, "configmaps")]), logger: Levels().logger)
            #expect(await permissions.allow(Self.write))
            #expect(permissions.missing == [])
        }
    }

    /// Who cannot be asked does not forbid.
    @Test func whatNobodyCanBeAskedAboutIsTried() async {
        let (rights, levels) = (FakeRights(), Levels())
        rights.lose()
        let permissions = RemotePermissions(rights, logger: levels.logger)
        #expect(await permissions.allow(Self.nodes))
        #expect(levels.count(.warning) == 0)
    }

    /// While nobody can be asked what is denied stays denied, and nothing is said.
    @Test func theLastAnswerCountsWhileNobodyCanBeAsked() async {
        let (rights, levels) = (FakeRights([ClusterRight("list", "nodes")]), Levels())
        let permissions = RemotePermissions(rights, logger: levels.logger)
        #expect(await !permissions.allow(Self.nodes))
        #expect(await permissions.holds(Self.nodes) == false)
        rights.lose()
        for _ in 0..<2 { #expect(await !permissions.allow(Self.nodes)) }
        #expect(await permissions.holds(Self.nodes) == nil)
        #expect(permissions.missing == ["watch nodes"])
        #expect(levels.count(.warning) == 1 && levels.count(.info) == 0)
        rights.find()
        #expect(await !permissions.allow(Self.nodes))
        #expect(levels.count(.warning) == 1 && levels.count(.info) == 0)
        rights.grant(ClusterRight("watch", "nodes"))
        #expect(await permissions.allow(Self.nodes))
        #expect(await permissions.waitForVerdict(on: Self.nodes) == true)
        #expect(permissions.missing == [] && levels.count(.info) == 1)
        rights.lose()
        #expect(await permissions.allow(Self.nodes))
        #expect(levels.count(.warning) == 1 && levels.count(.info) == 1)
    }

    @Test(.timeLimit(.minutes(2))) func whoWaitsIsLetInOnceItIsGranted() async {
        let rights = FakeRights([ClusterRight("list", "nodes")])
        let permissions = RemotePermissions(rights, interval: .milliseconds(5), logger: Levels().logger)
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await permissions.wait(for: Self.nodes) }
            while rights.asked < 10 { await Task.yield() }
            rights.grant(ClusterRight("watch", "nodes"))
            #expect(await group.next() == true)
        }
        let other = RemotePermissions(FakeRights(), interval: .seconds(600), logger: Levels().logger)
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await other.wait(for: Self.nodes) }
            group.cancelAll()
            #expect(await group.next() == false)
        }
    }

    /// The reader account's role is what is watched, asked and done in another cluster, and nothing else.
    @Test(arguments: [false, true]) func theReadersRoleIsWhatIsNeeded(isControlled: Bool) {
        let slices = APIResource(
            group: "discovery.k8s.io", version: "v1", kind: "EndpointSlice", plural: "endpointslices",
            isNamespaced: true)
        var needs = [DiscoveredAPI([slices]), DiscoveredAPI()].flatMap { RemoteNeed.watching(servedBy: $0) }
        needs += [.tokens, .impersonation, .credentials]
        if isControlled {
            let leases = [RootPublishing.remotePublisherLease, RemoteLease.webhooks(revision: "")]
            needs += [.roots, .webhooks] + leases.map { .election(by: ObjectKey(name: $0)) }
        }
        let rules = ControlPlaneAccess.readerRules(isControlled: isControlled)
        for right in needs.flatMap(\.rights) {
            #expect(right.contains { right in rules.contains { right.isGranted(by: $0) } }, "\(right)")
        }
        let needed = Set(needs.flatMap { $0.rights.compactMap(\.first) })
        for rule in rules {
            for resource in rule.resources {
                for verb in rule.verbs where verb != "get" {
                    #expect(rule.apiGroups.count == 1)
                    for name in rule.resourceNames.isEmpty ? [""] : rule.resourceNames {
                        let right = ClusterRight(
                            verb, resource, group: rule.apiGroups[0], of: ObjectKey(name: name))
                        #expect(needed.contains(right), "\(right)")
                    }
                }
            }
        }
    }
}
