/// Why a module cannot be had, or a configuration that needs one not be used.
struct ModuleProblem: Error, Hashable, Sendable, CustomStringConvertible {
    enum Nature: Hashable, Sendable {
        /// Nothing changes it but another configuration.
        case lasting
        /// Another try may succeed.
        case passing
        /// Nobody answered.
        case unreachable
        /// Who answered did not prove to be the one, or speaks no TLS.
        case untrusted
    }

    var description: String
    var nature: Nature
    /// The configuration is right, and the module may be had at another time.
    var isOfFetching = false

    init(_ description: String, _ nature: Nature = .lasting) {
        self.description = description
        self.nature = nature
    }

    var isWorthAnotherTry: Bool { nature == .passing || nature == .unreachable }
}
