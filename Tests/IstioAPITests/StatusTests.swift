import IstioAPI
import KubernetesModel
import Testing

@Suite struct StatusTests {
    static let full = IstioOperatorStatus(
        .reconciling, message: "waiting for istiod",
        componentStatus: [
            "Pilot": ComponentStatus(.reconciling, version: "0.1.0", error: "0 of 1 ready"),
            "Base": ComponentStatus(.healthy),
        ],
        observedGeneration: 4,
        conditions: [
            Condition(
                type: "Ready", status: .false, reason: "Waiting", message: "waiting for istiod",
                lastTransitionTime: "2026-01-02T03:04:05Z", observedGeneration: 4)
        ],
        revisions: [["name": "default"]], rollouts: [["workload": "Deployment default/app"]])

    @Test(arguments: [full, IstioOperatorStatus(), IstioOperatorStatus(.error, message: "x")])
    func isWhatWasWritten(_ status: IstioOperatorStatus) {
        #expect(IstioOperatorStatus(status.json) == status)
    }

    @Test(arguments: [full, IstioOperatorStatus()])
    func fitsItsSchema(_ status: IstioOperatorStatus) {
        #expect(Schema.istioOperatorStatus.diagnostics(for: status.json, at: "status") == [])
    }

    @Test(arguments: [
        JSONValue.null, "HEALTHY", ["status": "FINE"],
        ["status": 2, "conditions": ["x"], "componentStatus": [1]],
    ])
    func whatCannotBeReadIsNone(_ json: JSONValue) {
        #expect(IstioOperatorStatus(json) == IstioOperatorStatus())
    }

    static let wholes: [([IstioOperatorStatus.Word], IstioOperatorStatus.Word)] = [
        ([], .none), ([.none, .healthy], .healthy), ([.healthy, .reconciling], .reconciling),
        ([.reconciling, .updating, .healthy], .updating), ([.updating, .actionRequired], .actionRequired),
        ([.actionRequired, .error, .none], .error),
    ]

    @Test(arguments: wholes)
    func theWorstWordSpeaksForAll(_ parts: [IstioOperatorStatus.Word], _ whole: IstioOperatorStatus.Word) {
        #expect(IstioOperatorStatus.Word.whole(of: parts) == whole)
        #expect(IstioOperatorStatus.Word.whole(of: parts.reversed()) == whole)
    }
}
