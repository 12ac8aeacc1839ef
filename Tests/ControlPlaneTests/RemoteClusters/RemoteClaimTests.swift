import KubernetesModel
import Logging
import Testing

@testable import ControlPlane

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
        let contest = PublishingContest(advice: "ask", logger: levels.logger)
        let key = ObjectKey(namespace: "n", name: "istio-ca-root-cert")
        let other = ObjectKey(namespace: "m", name: "istio-ca-root-cert")
        for _ in 0..<5 { #expect(contest.mayWrite("ours", over: nil, of: key)) }
        #expect(contest.mayWrite("ours", over: "1", of: key))
        for _ in 0..<5 { #expect(contest.mayWrite("ours", over: "1", of: key)) }
        #expect(contest.mayWrite("ours", over: "3", of: key))
        #expect(levels.count(.warning) == 0)
        for version in ["5", "5", "7"] { #expect(!contest.mayWrite("ours", over: version, of: key)) }
        #expect(levels.count(.warning) == 1)
        #expect(contest.mayWrite("ours", over: "5", of: other))
        #expect(contest.mayWrite("ours", over: nil, of: key))
        #expect(contest.mayWrite("our next", over: "7", of: key))
        #expect(contest.mayWrite("our next", over: "9", of: key))
        #expect(!contest.mayWrite("our next", over: "11", of: key))
        #expect(levels.count(.warning) == 1)
    }
}
