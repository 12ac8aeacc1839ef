import KubernetesModel
import Logging
import Observability
import Testing

@testable import CertificateService
@testable import ControlPlane
@testable import MeshObservation

@Suite("Who publishes in another cluster") struct RemoteClaimTests {
    @Test(
        arguments: [
            (nil, nil), ("", nil), (" , ", nil), ("b", nil), ("b,c", nil), ("a", .first), (" a , b", .first),
            ("b, a", .behind("b")), (",b,a", .behind("b")), ("*", .any), ("*,a", .any), ("*,b", .any), ("a,*", .first),
            ("b,*", .behind("b")),
        ] as [(String?, RemoteClaim?)])
    func theFirstNameGoesBeforeOthers(annotation: String?, claim: RemoteClaim?) {
        #expect(RemoteClaim("a", in: annotation) == claim)
    }

    /// What somebody changes back twice is left to him, once with a word; another text of ours is written again.
    @Test func aQuarrelEnds() {
        let levels = Levels()
        let duties = DutyHolders(clusterID: "c", logger: levels.logger)
        duties.note(.webhooks, .here)
        let contest = PublishingContest(advice: "ask", logger: levels.logger) { duties.note(.webhooks, .contested) }
        let kind = GroupKind(group: "", kind: "ConfigMap")
        let key = ObjectReference(kind, ObjectKey(namespace: "n", name: "istio-ca-root-cert"))
        let other = ObjectReference(kind, ObjectKey(namespace: "m", name: "istio-ca-root-cert"))
        for _ in 0..<5 { #expect(contest.mayWrite("ours", over: nil, of: key)) }
        #expect(contest.mayWrite("ours", over: "1", of: key))
        for _ in 0..<5 { #expect(contest.mayWrite("ours", over: "1", of: key)) }
        #expect(contest.mayWrite("ours", over: "3", of: key))
        #expect(levels.count(.warning) == 0 && duties.all == [.webhooks: .here])
        for version in ["5", "5", "7"] { #expect(!contest.mayWrite("ours", over: version, of: key)) }
        #expect(levels.count(.warning) == 1 && duties.all == [.webhooks: .contested])
        #expect(contest.mayWrite("ours", over: "5", of: other))
        #expect(contest.mayWrite("ours", over: nil, of: key))
        #expect(contest.mayWrite("our next", over: "7", of: key))
        #expect(contest.mayWrite("our next", over: "9", of: key))
        #expect(!contest.mayWrite("our next", over: "11", of: key))
        #expect(levels.count(.warning) == 1)
    }

    /// Who does something is told as it changes, once each time; who is left it for want of a Lease with a warning.
    @Test func whoDoesSomethingIsToldAsItChanges() {
        let (levels, registry) = (Levels(), MetricsRegistry())
        let duties = DutyHolders(clusterID: "c", logger: levels.logger, metrics: registry)
        func told() -> [String] {
            registry.prometheusText().split(separator: "\n").filter {
                $0.hasPrefix("apus_remote_duty{") && $0.hasSuffix(" 1")
            }.map(String.init)
        }
        for _ in 0..<3 { duties.note(.roots, .here) }
        #expect(duties.all == [.roots: .here] && levels.count(.info) == 1)
        #expect(told() == [#"apus_remote_duty{cluster="c",duty="roots",holder="here"} 1"#])
        for _ in 0..<3 { duties.note(.roots, .elsewhere("b/istiod-1")) }
        #expect(duties.all == [.roots: .elsewhere("b/istiod-1")] && levels.count(.info) == 2)
        #expect(told() == [#"apus_remote_duty{cluster="c",duty="roots",holder="elsewhere"} 1"#])
        #expect(levels.count(.warning) == 0)
        for _ in 0..<3 { duties.note(.webhooks, .namedFirst("b")) }
        #expect(levels.count(.warning) == 1)
        duties.end()
        #expect(duties.all == [:] && told() == [])
    }
}
