import KubernetesClient
package import KubernetesModel

/// What annotations of a WorkloadEntry say about its proxy's streams: replicas agree by them.
package struct RegistrationMarks: Hashable, Sendable {
    /// The WorkloadGroup that the entry was made from; nil: somebody else made it.
    package var group: String?
    /// The replica that serves the proxy, or served it last.
    package var controller: String?
    /// RFC 3339; nil: no replica serves it.
    package var connectedAt: String?
    /// RFC 3339; nil: it is served, or never was.
    package var disconnectedAt: String?

    package static let groupName = "istio.io/autoRegistrationGroup"
    package static let controllerName = "istio.io/workloadController"
    package static let connectedName = "istio.io/connectedAt"
    package static let disconnectedName = "istio.io/disconnectedAt"

    package init(
        group: String? = nil, controller: String? = nil, connectedAt: String? = nil, disconnectedAt: String? = nil
    ) {
        self.group = group
        self.controller = controller
        self.connectedAt = connectedAt
        self.disconnectedAt = disconnectedAt
    }

    /// Reads an object's annotations; an empty one is none.
    package init(_ annotations: [String: String]) {
        func text(_ name: String) -> String? { annotations[name].flatMap { $0.isEmpty ? nil : $0 } }
        self.init(
            group: text(Self.groupName), controller: text(Self.controllerName), connectedAt: text(Self.connectedName),
            disconnectedAt: text(Self.disconnectedName))
    }

    /// Nothing was ever connected.
    package var isEmpty: Bool { self == RegistrationMarks(group: group) }

    /// The object with these marks instead of those it has.
    package func applied(to object: UnstructuredObject) -> UnstructuredObject {
        var object = object
        for (name, value) in [
            (Self.groupName, group), (Self.controllerName, controller), (Self.connectedName, connectedAt),
            (Self.disconnectedName, disconnectedAt),
        ] {
            guard value != nil || object.json["metadata", "annotations", name] != nil else { continue }
            object.json["metadata", "annotations", name] = value.map { .string($0) }
        }
        return object
    }

    /// Seconds since 1970.
    var connected: Double? { connectedAt.flatMap { secondsSinceEpoch(rfc3339: $0) } }
    /// Seconds since 1970.
    var disconnected: Double? { disconnectedAt.flatMap { secondsSinceEpoch(rfc3339: $0) } }
}
