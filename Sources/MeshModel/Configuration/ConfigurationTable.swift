package import KubernetesModel

/// The values of one kind of configuration, by name.
package protocol ConfigurationTable {
    associatedtype Value: Hashable

    /// The value of a name; nil removes it.
    subscript(_ name: ObjectKey) -> Value? { get set }
}

extension Dictionary: ConfigurationTable where Key == ObjectKey, Value: Hashable {}
