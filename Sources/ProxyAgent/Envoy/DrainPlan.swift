import EnvoyBootstrap

/// How a proxy lets go of its connections before it ends.
package struct DrainPlan: Hashable, Sendable {
    /// Only inbound listeners: what the application calls while it ends still works. Gateways drain all.
    package var inboundOnly: Bool
    /// How long it drains, whatever is still open.
    package var duration: Duration
    /// End as soon as nothing is open any more, but not before this; nil: after `duration`.
    package var minimumUntilIdle: Duration?
    /// How long Envoy may take to end when asked to.
    package var endTime: Duration = .seconds(5)

    package init(inboundOnly: Bool = true, duration: Duration = .seconds(5), minimumUntilIdle: Duration? = nil) {
        self.inboundOnly = inboundOnly
        self.duration = duration
        self.minimumUntilIdle = minimumUntilIdle
    }

    /// What begins the drain; with `staying`, listeners stay to be drained for as long as Envoy runs.
    func path(staying: Bool) -> String {
        "/drain_listeners?\(inboundOnly ? "inboundonly&" : "")graceful\(staying ? "&skip_exit" : "")"
    }
}

extension AgentConfiguration {
    package var drainPlan: DrainPlan {
        let seconds = variable("TERMINATION_DRAIN_DURATION_SECONDS").flatMap(Int.init).map(Duration.seconds)
        let minimum = duration("MINIMUM_DRAIN_DURATION") ?? .seconds(5)
        return DrainPlan(
            inboundOnly: flags.role == .sidecar, duration: seconds ?? settings.terminationDrainDuration,
            minimumUntilIdle: isOn("EXIT_ON_ZERO_ACTIVE_CONNECTIONS") ? minimum : nil)
    }
}
