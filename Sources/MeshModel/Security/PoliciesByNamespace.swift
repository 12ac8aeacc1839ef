package import KubernetesModel

/// Policies of one kind: those of a namespace are found without a look at all others.
package struct PoliciesByNamespace<Value: Hashable & Sendable>: Hashable, Sendable, ConfigurationTable {
    private var byNamespace: [String: [ObjectKey: Value]] = [:]

    package init() {}

    /// The policy of a name; nil removes it.
    package subscript(_ name: ObjectKey) -> Value? {
        get { byNamespace[name.namespace]?[name] }
        set {
            byNamespace[name.namespace, default: [:]][name] = newValue
            if byNamespace[name.namespace]?.isEmpty ?? false { byNamespace[name.namespace] = nil }
        }
    }

    package var isEmpty: Bool { byNamespace.isEmpty }
    /// All of them, in no order.
    package var values: [Value] { byNamespace.values.flatMap(\.values) }

    /// Those of a namespace, in no order.
    package func values(in namespace: String) -> [Value] { Array((byNamespace[namespace] ?? [:]).values) }
}
