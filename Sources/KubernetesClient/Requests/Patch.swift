package import KubernetesModel

/// A change of an object.
package enum Patch: Hashable, Sendable {
    /// RFC 7386: maps are merged, null removes, lists are replaced.
    case merge(JSONValue)
    /// RFC 6902: operations, each a map with `op`, `path` and so on.
    case json([JSONValue])
    /// Kubernetes' own: lists of built-in kinds are merged by key. Custom resources do not take it.
    case strategicMerge(JSONValue)

    var contentType: String {
        switch self {
        case .merge: "application/merge-patch+json"
        case .json: "application/json-patch+json"
        case .strategicMerge: "application/strategic-merge-patch+json"
        }
    }

    var body: JSONValue {
        switch self {
        case .merge(let value), .strategicMerge(let value): value
        case .json(let operations): .array(operations)
        }
    }
}

/// What must be so for a delete to happen.
package struct Preconditions: Hashable, Sendable {
    /// Nil for any.
    package var uid: String?
    /// Nil for any.
    package var resourceVersion: String?

    package init(uid: String? = nil, resourceVersion: String? = nil) {
        self.uid = uid
        self.resourceVersion = resourceVersion
    }

    /// Delete whatever is there.
    package static let none = Preconditions()
}

/// What becomes of the objects that an object owns when it is deleted.
package enum DeletionPropagation: String, Hashable, Sendable {
    /// They are deleted afterwards.
    case background = "Background"
    /// They are deleted first; the object stays until they are gone.
    case foreground = "Foreground"
    /// They stay.
    case orphan = "Orphan"
}
