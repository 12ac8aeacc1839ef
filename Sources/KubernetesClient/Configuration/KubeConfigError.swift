/// Why no configuration for a client could be made.
package struct KubeConfigError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, or files, in question; empty if none was found.
    package var file: String
    /// Path of the field from the file's root; empty for the file.
    package var field: String
    /// What is wrong and what to do.
    package var problem: String

    package init(file: String = "", field: String = "", problem: String) {
        self.file = file
        self.field = field
        self.problem = problem
    }

    package var description: String {
        let place = [file, field].filter { !$0.isEmpty }.joined(separator: ": ")
        return place.isEmpty ? problem : "\(place): \(problem)"
    }
}
