package import KubernetesModel

/// The API server refused a server-side apply because others own some of the fields.
///
/// Carries what a person needs to choose: which object, which fields, whose they are.
package struct ApplyConflict: Error, Hashable, Sendable {
    package var kind: String
    package var object: ObjectKey
    /// The field manager that wanted to apply.
    package var manager: String
    /// Field path to the manager that owns it, as the server reports them (`.spec.replicas`).
    package var owners: [String: String]

    package init(kind: String, object: ObjectKey, manager: String, owners: [String: String]) {
        self.kind = kind
        self.object = object
        self.manager = manager
        self.owners = owners
    }

    /// Reads the server's answer to an apply; nil if it is no conflict between managers.
    init?(_ error: APIError, kind: String, object: ObjectKey, manager: String) {
        guard error.status == 409 else { return nil }
        var owners: [String: String] = [:]
        for cause in error.causes where cause.reason == "FieldManagerConflict" {
            owners[cause.field] = ApplyConflict.owner(in: cause.message)
        }
        guard !owners.isEmpty else { return nil }
        self.init(kind: kind, object: object, manager: manager, owners: owners)
    }

    /// The first quoted name of `conflict with "kubectl" using apps/v1`, else the whole message.
    static func owner(in message: String) -> String {
        let parts = message.split(separator: "\"", omittingEmptySubsequences: false)
        return parts.count >= 3 ? String(parts[1]) : message
    }
}

extension ApplyConflict: CustomStringConvertible {
    /// What was tried, what stopped it, what to do. One line: it ends up in a condition's message.
    package var description: String {
        let fields = owners.sorted { $0.key < $1.key }.map { "\($0.key) (owned by \"\($0.value)\")" }
        return "cannot apply \(kind) \(object) as \"\(manager)\": \(fields.joined(separator: ", ")). "
            + "Leave the field out of what is applied, or have its owner release it."
    }
}
