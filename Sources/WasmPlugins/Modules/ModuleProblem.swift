/// Why a module cannot be had, or a configuration that needs one not be used.
package struct ModuleProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// What may come of another try.
    package enum Nature: Hashable, Sendable {
        /// Nothing changes it but another configuration.
        case lasting
        /// Another try may succeed.
        case passing
        /// Nobody answered.
        case unreachable
        /// Who answered did not prove to be the one, or speaks no TLS.
        case untrusted
    }

    /// Which part of a fetch has failed.
    package enum Stage: String, Hashable, Sendable {
        case download = "download_failure"
        /// What an image consists of.
        case manifest = "manifest_failure"
        /// What came is not what was wanted.
        case checksum = "checksum_mismatched"
    }

    /// What was tried and what stopped it, in one sentence.
    package var description: String
    /// What may come of another try.
    package var nature: Nature
    /// The configuration is right, and the module may be had at another time.
    package var isOfFetching = false
    /// Where it has failed.
    package var stage: Stage

    /// - Parameter nature: What may come of another try.
    package init(_ description: String, _ nature: Nature = .lasting, stage: Stage = .download) {
        self.description = description
        self.nature = nature
        self.stage = stage
    }

    var isWorthAnotherTry: Bool { nature == .passing || nature == .unreachable }
}
