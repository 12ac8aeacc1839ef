/// The name of an object of a known kind: `namespace/name`, or `name` for a cluster-scoped one.
package struct ObjectKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Empty for cluster-scoped objects.
    package var namespace: String
    package var name: String

    package init(namespace: String = "", name: String) {
        self.namespace = namespace
        self.name = name
    }

    package var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    package static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }
}

/// An API group and a version of it. The core group is the empty string.
package struct GroupVersion: Hashable, Sendable, CustomStringConvertible {
    package var group: String
    package var version: String

    package init(group: String, version: String) {
        self.group = group
        self.version = version
    }

    /// Reads `apps/v1` or `v1`.
    package init(apiVersion: String) {
        if let slash = apiVersion.firstIndex(of: "/") {
            self.init(
                group: String(apiVersion[..<slash]), version: String(apiVersion[apiVersion.index(after: slash)...]))
        } else {
            self.init(group: "", version: apiVersion)
        }
    }

    /// As in an object's `apiVersion`.
    package var description: String { group.isEmpty ? version : "\(group)/\(version)" }
}

/// A kind in a version of its group: what an object says of itself in `apiVersion` and `kind`.
package struct GroupVersionKind: Hashable, Sendable, CustomStringConvertible {
    package var groupVersion: GroupVersion
    package var kind: String

    package init(group: String, version: String, kind: String) {
        self.groupVersion = GroupVersion(group: group, version: version)
        self.kind = kind
    }

    package init(apiVersion: String, kind: String) {
        self.groupVersion = GroupVersion(apiVersion: apiVersion)
        self.kind = kind
    }

    package var group: String { groupVersion.group }
    package var version: String { groupVersion.version }
    /// The kind whatever its version.
    package var groupKind: GroupKind { GroupKind(group: group, kind: kind) }
    package var description: String { "\(groupVersion) \(kind)" }
}

/// A kind whatever its version.
package struct GroupKind: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var group: String
    package var kind: String

    package init(group: String, kind: String) {
        self.group = group
        self.kind = kind
    }

    package var description: String { group.isEmpty ? kind : "\(kind).\(group)" }

    package static func < (left: GroupKind, right: GroupKind) -> Bool {
        (left.group, left.kind) < (right.group, right.kind)
    }
}

/// One object of the cluster whatever the version it is read in: its kind and name.
package struct ObjectReference: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var groupKind: GroupKind
    package var key: ObjectKey

    package init(_ groupKind: GroupKind, _ key: ObjectKey) {
        self.groupKind = groupKind
        self.key = key
    }

    /// As in messages: `Deployment istio-system/istiod`.
    package var description: String { "\(groupKind.kind) \(key)" }

    package static func < (left: ObjectReference, right: ObjectReference) -> Bool {
        (left.groupKind, left.key) < (right.groupKind, right.key)
    }
}
