/// Who sees a service or a configuration: what `exportTo` says, with `.` resolved to a namespace's name.
package struct Visibility: Hashable, Sendable {
    /// Seen from every namespace.
    package var isPublic: Bool
    /// Seen from these, where it is not public. Empty: from nowhere.
    package var namespaces: Set<String>

    package static let everywhere = Visibility(isPublic: true, namespaces: [])
    package static let nowhere = Visibility(isPublic: false, namespaces: [])

    private init(isPublic: Bool, namespaces: Set<String>) {
        self.isPublic = isPublic
        self.namespaces = namespaces
    }

    /// Seen from the given namespaces alone.
    package init(namespaces: Set<String>) { self.init(isPublic: false, namespaces: namespaces) }

    /// Reads the words of `exportTo`: `*` for all, `.` for the own namespace, `~` for none, or names of namespaces.
    ///
    /// - Parameter namespace: Of the object that says so.
    package init(exportTo words: [String], in namespace: String) {
        if words.contains("*") {
            self = .everywhere
        } else {
            self.init(namespaces: Set(words.filter { $0 != "~" }.map { $0 == "." ? namespace : $0 }))
        }
    }

    /// Whether proxies of a namespace see it.
    package func includes(_ namespace: String) -> Bool { isPublic || namespaces.contains(namespace) }

    /// Whether anybody sees both.
    package func meets(_ other: Visibility) -> Bool {
        if isPublic { return other.isPublic || !other.namespaces.isEmpty }
        return other.isPublic ? !namespaces.isEmpty : !namespaces.isDisjoint(with: other.namespaces)
    }
}
