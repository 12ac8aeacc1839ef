/// The fields of a kind, as the API server describes them.
package struct FieldTree: Hashable, Sendable {
    /// What is known of one value.
    indirect enum Shape: Hashable, Sendable {
        /// A scalar.
        case leaf
        /// Any content is allowed: free-form maps, preserved unknown fields.
        case anything
        case object([String: Shape])
        /// A list: what its elements are.
        case list(Shape)
        /// A map with free keys: what its values are.
        case map(Shape)
        /// Described under a name of its own (types may contain themselves).
        case named(String)
    }

    var definitions: [String: Shape]
    var root: Shape

    /// Whether the server knows a field.
    ///
    /// - Parameter path: Field names from the object's root, such as `["spec", "behavior"]`. Lists are passed through:
    ///   `["spec", "ports", "appProtocol"]`. Keys of free maps count as a name.
    package func contains(path: [String]) -> Bool {
        contains(path[...], in: root)
    }

    private func contains(_ path: ArraySlice<String>, in shape: Shape) -> Bool {
        guard let name = path.first else { return true }
        switch shape {
        case .leaf: return false
        case .anything: return true
        case .object(let fields): return fields[name].map { contains(path.dropFirst(), in: $0) } ?? false
        case .list(let element): return contains(path, in: element)
        case .map(let value): return contains(path.dropFirst(), in: value)
        case .named(let name): return definitions[name].map { contains(path, in: $0) } ?? true
        }
    }
}
