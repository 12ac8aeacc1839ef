internal import KubernetesModel

/// Says that there is no such profile, and which there are.
package func noSuchProfile(_ name: String, among names: [String], own: [String] = []) -> String {
    let hint = Spelling.nearest(to: name, among: own + names).map { " (did you mean \"\($0)\"?)" } ?? ""
    let listed = own.isEmpty ? "" : "; the package has \(own.joined(separator: ", "))"
    return "there is no profile \"\(name)\"\(hint); built in are \(names.joined(separator: ", "))\(listed)"
}
