/// What a filter says of a call.
struct PolicyVerdict: Hashable {
    /// How the call ends there; nil: it goes on.
    var refusal: Simulation.Outcome?
    /// Nil where there is nothing worth telling.
    var step: SimulationStep?

    static let silent = PolicyVerdict()
}
