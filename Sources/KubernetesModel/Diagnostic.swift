/// What is wrong, or doubtful, about something a person wrote. A value, not a throw: all of them are reported at once.
package struct Diagnostic: Hashable, Sendable, CustomStringConvertible {
    /// How much it matters.
    package enum Severity: String, Hashable, Sendable, Comparable {
        case warning, error

        package static func < (left: Severity, right: Severity) -> Bool { left == .warning && right == .error }
    }

    package var severity: Severity
    /// Path of the field from the object's root, such as `spec.components.pilot.k8s.hpaSpec`; empty for the object.
    package var path: String
    /// What was found and what is allowed, in one sentence without a final stop.
    package var message: String

    package init(_ severity: Severity = .error, path: String, message: String) {
        self.severity = severity
        self.path = path
        self.message = message
    }

    package var description: String { path.isEmpty ? message : "\(path): \(message)" }
}

extension Collection where Element == Diagnostic {
    /// Whether any of them forbids going on.
    package var hasErrors: Bool { contains { $0.severity == .error } }
}
