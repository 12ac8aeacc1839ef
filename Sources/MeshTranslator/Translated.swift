package import KubernetesModel

/// What an object means to the mesh, and what is wrong about it.
package struct Translated<Value: Hashable & Sendable>: Hashable, Sendable {
    package var value: Value
    package var diagnostics: [Diagnostic]

    package init(_ value: Value, diagnostics: [Diagnostic] = []) {
        self.value = value
        self.diagnostics = diagnostics
    }
}
