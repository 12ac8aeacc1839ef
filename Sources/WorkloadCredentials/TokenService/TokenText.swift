/// A token: whoever has its text is taken for its owner. Nothing prints it.
struct TokenText: Hashable, Sendable {
    /// Only to be sent.
    let revealed: String

    init(_ text: String) { revealed = text }
}

extension TokenText: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "<redacted>" }
    var debugDescription: String { "<redacted>" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
