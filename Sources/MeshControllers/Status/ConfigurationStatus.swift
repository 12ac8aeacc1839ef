package import KubernetesModel

/// What an object of configuration is told about itself.
package enum ConfigurationStatus {
    /// Whether the object counts: `True`, also with warnings, or `False`, and then the last one that made sense does.
    package static let conditionType = "Accepted"

    /// The status for an object, or nil if there is nothing to say: an object about which nothing was ever wrong is not
    /// written to.
    ///
    /// - Parameters:
    ///   - diagnostics: What is wrong with it now.
    ///   - current: Its `status`.
    ///   - now: RFC 3339, UTC.
    package static func status(
        of diagnostics: [Diagnostic], generation: Int64, current: JSONValue?, now: String
    ) -> JSONValue? {
        let before = current?["conditions"]?.array ?? []
        let own = before.compactMap(Condition.init).filter { $0.type == conditionType }
        // A list is written whole: what others tell in it, such as of a workload's health, stays.
        let others = before.filter { $0["type"]?.string != conditionType }
        guard !diagnostics.isEmpty || !own.isEmpty else { return nil }
        let conditions = Condition.merge([condition(diagnostics, generation)], into: own, now: now)
        return ["conditions": .array(others + conditions.map(\.json)), "observedGeneration": .integer(generation)]
    }

    private static func condition(_ diagnostics: [Diagnostic], _ generation: Int64) -> Condition {
        let isAccepted = !diagnostics.hasErrors
        // Errors first; within a severity as they were found.
        let sorted = diagnostics.filter { $0.severity == .error } + diagnostics.filter { $0.severity == .warning }
        return Condition(
            type: conditionType, status: isAccepted ? .true : .false,
            reason: isAccepted ? (diagnostics.isEmpty ? "Accepted" : "AcceptedWithWarnings") : "Invalid",
            message: message(sorted), observedGeneration: generation)
    }

    /// Every sentence, as far as a status may be long. Never empty: Kubernetes 1.20 takes an empty text that is applied over
    /// another for null, and refuses it.
    private static func message(_ diagnostics: [Diagnostic]) -> String {
        guard !diagnostics.isEmpty else { return "nothing is wrong with it" }
        var text = ""
        for (index, diagnostic) in diagnostics.enumerated() {
            let sentence = diagnostic.description
            if text.utf8.count + sentence.utf8.count > 8192 {
                return text + "; and \(diagnostics.count - index) more"
            }
            text += (text.isEmpty ? "" : "; ") + sentence
        }
        return text
    }
}
