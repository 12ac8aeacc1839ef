import IstioAPI
import KubernetesModel
import ManifestRenderer
import OperatorControllers
import Testing

@Suite struct StatusOfOutcomeTests {
    private let before = "2026-01-01T00:00:00Z"
    private let now = "2026-01-02T00:00:00Z"

    private func progress(
        _ components: [Component: ComponentProgress], webhooks: [ObjectReference] = [], warnings: [Diagnostic] = []
    ) -> Progress {
        var progress = Progress()
        progress.components = components
        progress.pendingWebhooks = webhooks
        progress.warnings = warnings
        return progress
    }

    private func status(
        _ outcome: Outcome, after current: IstioOperatorStatus = IstioOperatorStatus(), generation: Int64 = 7
    ) -> IstioOperatorStatus {
        OperatorControllers.status(of: outcome, generation: generation, current: current, now: now)
    }

    private func conditions(_ status: IstioOperatorStatus) -> [String: Condition.Status] {
        Dictionary(uniqueKeysWithValues: status.conditions.map { ($0.type, $0.status) })
    }

    @Test func healthy() {
        let status = status(.healthy(progress([.base: .ready, .pilot: .ready])))
        #expect(status.word == .healthy)
        #expect(status.message == "all components are ready")
        #expect(status.observedGeneration == 7)
        #expect(conditions(status) == ["Ready": .true])
        #expect(status.conditions.allSatisfy { $0.reason == "Healthy" && $0.observedGeneration == 7 })
        #expect(status.componentStatus.mapValues(\.word) == ["Base": .healthy, "Pilot": .healthy])
        #expect(status.componentStatus["Pilot"]?.version == apusVersion)
    }

    @Test func healthyWithWarnings() {
        let warning = Diagnostic(.warning, path: "spec.tag", message: "is a number")
        let status = status(.healthy(progress([.base: .ready], warnings: [warning])))
        #expect(status.message == "all components are ready; warning: spec.tag: is a number")
    }

    @Test func webhooksThatWait() {
        let webhook = ObjectReference(
            APIResource.mutatingWebhookConfigurations.groupKind, ObjectKey(name: "istio-sidecar-injector"))
        let status = status(.healthy(progress([.pilot: .ready], webhooks: [webhook])))
        #expect(status.word == .healthy)
        #expect(conditions(status) == ["Ready": .true, "InjectionReady": .false])
        #expect(
            status.conditions.last?.message.contains("MutatingWebhookConfiguration istio-sidecar-injector") == true)
        // They are said to wait as long as nobody looked again.
        let rejected = self.status(.rejected(reason: .invalidSpec, []), after: status)
        #expect(conditions(rejected) == ["Ready": .false, "Stalled": .true, "InjectionReady": .false])
        #expect(conditions(self.status(.healthy(progress([.pilot: .ready])), after: rejected)) == ["Ready": .true])
    }

    @Test func waiting() {
        let outcome = Outcome.waiting(
            progress([
                .base: .ready, .pilot: .waiting(["Deployment a/b: 0 of 1 replicas available"]),
                .ingressGateways: .pending(behind: .pilot),
            ]))
        let status = status(outcome)
        #expect(status.word == .reconciling)
        #expect(status.message == "waiting for Pilot: Deployment a/b: 0 of 1 replicas available")
        #expect(conditions(status) == ["Ready": .false, "Reconciling": .true])
        #expect(
            status.componentStatus.mapValues(\.word)
                == ["Base": .healthy, "Pilot": .reconciling, "IngressGateways": .none])
        #expect(status.componentStatus["IngressGateways"]?.error == "waits for Pilot")
    }

    @Test func rejectedLeavesTheComponentsAsTheyWere() {
        let current = status(.healthy(progress([.pilot: .ready])))
        let outcome = Outcome.rejected(
            reason: .conflict,
            [
                Diagnostic(path: "spec.revision", message: "is taken"),
                Diagnostic(.warning, path: "spec.tag", message: "is a number"),
                Diagnostic(path: "spec.hub", message: "is no hub"),
            ])
        let status = status(outcome, after: current, generation: 8)
        #expect(status.word == .error)
        #expect(status.message == "spec.revision: is taken; spec.hub: is no hub")
        #expect(status.componentStatus == current.componentStatus)
        #expect(conditions(status) == ["Ready": .false, "Stalled": .true])
        #expect(status.conditions.allSatisfy { $0.reason == "Conflict" && $0.observedGeneration == 8 })
    }

    @Test func failed() {
        let status = status(.failed("no", progress([.base: .ready, .pilot: .failed("no")])))
        #expect(status.word == .error)
        #expect(status.message == "no")
        #expect(conditions(status) == ["Ready": .false, "Reconciling": .true])
        #expect(status.conditions.allSatisfy { $0.reason == "ApplyFailed" })
        #expect(status.componentStatus["Pilot"]?.error == "no")
    }

    /// The moment of a transition moves with the status only, not with reason or message.
    @Test func transitionTimesAreKept() throws {
        var current = status(.waiting(progress([.pilot: .waiting(["a"])])))
        for index in current.conditions.indices { current.conditions[index].lastTransitionTime = before }
        let still = status(.failed("no", progress([:])), after: current)
        #expect(still.conditions.map(\.lastTransitionTime) == [before, before])
        let healthy = status(.healthy(progress([.pilot: .ready])), after: current)
        #expect(healthy.conditions.map(\.lastTransitionTime) == [now])
    }

    /// What is told again is the same, so that nothing is written.
    @Test func tellingTwiceChangesNothing() {
        let outcomes: [Outcome] = [
            .healthy(progress([.pilot: .ready])), .waiting(progress([.pilot: .waiting(["a"])])),
            .rejected(reason: .refused, [Diagnostic(path: "spec", message: "no")]), .failed("no", progress([:])),
        ]
        for outcome in outcomes {
            let first = status(outcome)
            let second = OperatorControllers.status(
                of: outcome, generation: 7, current: first, now: "2027-01-01T00:00:00Z")
            #expect(second == first)
            #expect(IstioOperatorStatus(first.json) == first)
        }
    }
}
