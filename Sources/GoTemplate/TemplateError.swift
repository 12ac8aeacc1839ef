/// Why a template cannot be parsed or rendered, and where.
package struct TemplateError: Error, Hashable, Sendable {
    /// What was found and what is allowed, in one sentence without a final stop.
    package var problem: String
    /// Line of the offending place, from 1.
    package var line: Int
    /// Column of the offending place in characters, from 1.
    package var column: Int

    package init(problem: String, line: Int, column: Int) {
        self.problem = problem
        self.line = line
        self.column = column
    }
}

extension TemplateError: CustomStringConvertible {
    package var description: String { "line \(line), column \(column): \(problem)" }
}
