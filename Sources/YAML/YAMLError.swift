/// What is wrong with a YAML text, and where.
package struct YAMLError: Error, Hashable, Sendable {
    /// What is wrong and, where that helps, what to do about it. Does not repeat the place.
    package var message: String
    /// Where it was noticed.
    package var mark: YAMLMark

    /// An error at a place.
    package init(message: String, mark: YAMLMark) {
        self.message = message
        self.mark = mark
    }
}

extension YAMLError: CustomStringConvertible {
    /// Place and message: "line 3, column 5: a tab cannot indent; use spaces".
    package var description: String { "\(mark): \(message)" }
}
