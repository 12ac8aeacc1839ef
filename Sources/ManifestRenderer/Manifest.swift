internal import IstioAPI
package import KubernetesModel

/// One object of an install and the component it belongs to.
package struct Manifest: Hashable, Sendable {
    package var component: Component
    /// What to wait for before applying it; nil for nothing.
    package var gate: Gate?
    /// Whether several installs may hold this very object. Its owner label then says `shared` without a namespace: it
    /// is nobody's conflict, and may be deleted only with the last install that holds it.
    package var isShared: Bool
    private var content: Content

    /// Definitions are by far the largest objects and hardly ever looked at, so that they are made when they are.
    private enum Content: Hashable {
        case object(UnstructuredObject)
        case definition(KindDefinition)
    }

    package init(component: Component, object: UnstructuredObject, gate: Gate? = nil, isShared: Bool = false) {
        self.component = component
        self.gate = gate
        self.isShared = isShared
        content = .object(object)
    }

    init(component: Component, definition: KindDefinition, isShared: Bool) {
        self.component = component
        self.isShared = isShared
        gate = nil
        content = .definition(definition)
    }

    /// The object; made anew at each call where it is a definition that nobody changed.
    package var object: UnstructuredObject {
        get {
            switch content {
            case .object(let object): object
            case .definition(let definition): definition.object
            }
        }
        set { content = .object(newValue) }
    }

    package var reference: ObjectReference {
        switch content {
        case .object(let object): object.reference
        case .definition(let definition): definition.reference
        }
    }

    /// In which version it is applied.
    package var groupVersionKind: GroupVersionKind {
        switch content {
        case .object(let object): object.groupVersionKind
        case .definition: APIResource.customResourceDefinitions.groupVersionKind
        }
    }

    /// Equal for equal objects within one process.
    package var fingerprint: Int { content.hashValue }

    /// Lays labels over the object's own.
    mutating func label(_ labels: [String: String]) {
        switch content {
        case .object(var object):
            object.json["metadata", "labels"] = JSONValue(object.labels.merging(labels) { _, new in new })
            content = .object(object)
        case .definition(var definition):
            definition.labels.merge(labels) { _, new in new }
            content = .definition(definition)
        }
    }

    /// Completes what server-side apply tells ports apart by.
    mutating func completePortProtocols() {
        if case .object(let object) = content { content = .object(object.withPortProtocols) }
    }
}

/// The definition of a kind that people configure the mesh with.
struct KindDefinition: Hashable {
    /// Where the kind stands in `CustomResource.configuration`.
    var index: Int
    /// Whether the cluster takes rules in the Common Expression Language.
    var hasRules: Bool
    var labels: [String: String]

    private var kind: CustomResource { CustomResource.configuration[index] }

    var reference: ObjectReference {
        ObjectReference(
            APIResource.customResourceDefinitions.groupKind, ObjectKey(name: "\(kind.plural).\(kind.group)"))
    }

    var object: UnstructuredObject {
        var definition = kind.definition(hasRules: hasRules)
        definition["metadata", "labels"] = JSONValue(labels)
        return UnstructuredObject(definition)
    }
}
