/// A value that no log, error or dump shows.
package struct Secret<Value: Hashable & Sendable>: Hashable, Sendable {
    /// The value itself. Only what sends it to its receiver reads it.
    package var exposed: Value

    package init(_ value: Value) { exposed = value }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
